import { Plus } from 'lucide-react';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Button } from '../ui/button.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Keeping } from './keeping.tsx';
import { Lines } from './lines.tsx';
import { LogsView } from './logs.ts';
import { Searches } from './searches.tsx';
import { Sources } from './sources.tsx';

/** Lines of all that sends logs: searched, followed, kept; and who sends them. */
export function LogsPage() {
  const [view, setView] = useUrlState(LogsView);
  const refusal = useRefusal();
  const offline = useOffline();
  const manage = offline ?? refusal('logs:manage');
  const canMake = view.show === 'sources' || view.show === 'searches';
  useKeys([
    {
      keys: 'c',
      label: view.show === 'searches' ? 'New saved search' : 'New log source',
      run: () => manage === null && setView({ show: canMake ? view.show : 'sources', edit: 'new' }),
    },
  ]);
  const addSource = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ show: 'sources', edit: 'new' })}>
      New source
    </Button>
  );
  const addSearch = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ show: 'searches', edit: 'new' })}>
      New saved search
    </Button>
  );
  const saveThis = (
    <Button refusal={manage} onClick={() => setView({ show: 'searches', edit: 'new' })}>
      Save this search
    </Button>
  );
  return (
    <Page
      title="Logs"
      testId="logs.page"
      panes={view.show === 'lines'}
      action={
        view.show === 'sources' ? addSource : view.show === 'searches' ? addSearch : view.show === 'lines' && view.q ? saveThis : undefined // prettier-ignore
      }
      head={
        <FilterBar>
          <Segmented
            label="What is shown"
            value={view.show}
            onValue={(show) => setView({ show, edit: '' })}
            options={[
              { value: 'lines', label: 'Lines' },
              { value: 'searches', label: 'Saved' },
              { value: 'sources', label: 'Sources' },
              { value: 'keeping', label: 'Keeping' },
            ]}
          />
        </FilterBar>
      }
    >
      {view.show === 'lines' && <Lines view={view} onView={setView} onAddSource={addSource} />}
      {view.show === 'sources' && <Sources view={view} onView={setView} refusal={manage} add={addSource} />}
      {view.show === 'searches' && <Searches view={view} onView={setView} refusal={manage} add={addSearch} />}
      {view.show === 'keeping' && <Keeping refusal={manage} />}
    </Page>
  );
}
