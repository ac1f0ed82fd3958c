import { useState } from 'react';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import type { OpenedIncident } from './incidents.ts';
import { SideSection } from './side-section.tsx';

/** What is to be done, with boxes to tick. */
export function IncidentTasks({
  incident,
  refusal,
  refresh,
}: {
  incident: OpenedIncident;
  refusal: string | null;
  refresh: () => void;
}) {
  const { id, tasks } = incident;
  const [title, setTitle] = useState('');
  const [busy, setBusy] = useState(false);
  // Ticked here and not answered yet.
  const [ticked, setTicked] = useState<ReadonlyMap<string, boolean>>(new Map());
  const add = async () => {
    if (!title.trim() || busy) return;
    setBusy(true);
    try {
      await api.addTask({ params: { id }, body: { title: title.trim() } });
      setTitle('');
      refresh();
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  const tick = async (taskId: string, isDone: boolean) => {
    setTicked((old) => new Map([...old, [taskId, isDone]]));
    try {
      await api.changeTask({ params: { id, taskId }, body: { isDone } });
      refresh();
    } catch (error) {
      setTicked((old) => new Map([...old].filter(([other]) => other !== taskId)));
      toast.failure(error);
    }
  };
  const isDone = (task: { id: string; isDone: boolean }) => ticked.get(task.id) ?? task.isDone;
  return (
    <SideSection
      title="Tasks"
      end={
        tasks.length > 0 && (
          <span className="num text-meta text-text-3">{`${tasks.filter(isDone).length} of ${tasks.length}`}</span>
        )
      }
    >
      <ul className="mb-2 flex flex-col gap-1">
        {tasks.map((task) => (
          <li key={task.id} className={cx('break-words', isDone(task) && 'text-text-3 line-through')}>
            <Checkbox
              label={<bdi>{task.title}</bdi>}
              checked={isDone(task)}
              disabled={refusal !== null}
              onChecked={(checked) => void tick(task.id, checked)}
            />
          </li>
        ))}
      </ul>
      <form
        className="flex gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Input
          size2="sm"
          className="max-sm:h-11"
          aria-label="A new task"
          placeholder="What is to be done"
          maxLength={300}
          value={title}
          disabled={refusal !== null}
          onChange={(event) => setTitle(event.target.value)}
        />
        <Button size="sm" type="submit" busy={busy} refusal={refusal} disabled={!title.trim()}>
          Add task
        </Button>
      </form>
    </SideSection>
  );
}
