import { useQueryClient } from '@tanstack/react-query';
import { File as FileIcon, SearchX, Upload } from 'lucide-react';
import { useCallback, useMemo, useRef, useState, type DragEvent } from 'react';
import { mostArtifactBytes, type Artifact } from '#contracts/playbooks/artifacts.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { bytesText } from '../kit/time.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SearchInput } from '../ui/input.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonLines, SkeletonRows } from '../ui/skeleton.tsx';
import { DeleteFileDialog } from './delete-file-dialog.tsx';
import { fileColumns } from './file-columns.tsx';
import { FileDetail } from './file-detail.tsx';
import { FilesView, useFile, useFiles, useUsage } from './files.ts';
import { UploadDialog } from './upload-dialog.tsx';

const idOf = ({ id }: Artifact): string => id;
const nameOf = ({ name }: Artifact): string => name;
const versionOf = ({ id, usedBy }: Artifact): string => `${id} ${usedBy.map((playbook) => playbook.name).join()}`;

/** Files that upload steps write to servers: stored here, named in playbooks. */
export function FilesPage() {
  const [view, setView] = useUrlState(FilesView);
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const files = useFiles(view.q);
  const usage = useUsage();
  const open = useFile(view.sel);
  const chooser = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const [deleting, setDeleting] = useState<Artifact | null>(null);
  const [isDragging, setDragging] = useState(false);
  const edit = offline ?? refusal('playbooks:edit');
  const rows = useMemo(() => files.data?.pages.flatMap(({ data }) => data) ?? [], [files.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = files;
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const choose = () => chooser.current?.click();
  useKeys([{ keys: 'c', label: 'Upload a file', run: () => edit === null && choose() }]);

  const carriesFiles = (event: DragEvent) => edit === null && event.dataTransfer.types.includes('Files');
  const drop = {
    onDragOver: (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setDragging(true);
    },
    onDragLeave: (event: DragEvent) =>
      !event.currentTarget.contains(event.relatedTarget as Node | null) && setDragging(false),
    onDrop: (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setDragging(false);
      setChosen([...event.dataTransfer.files]);
    },
  };
  const place = usage.data;
  return (
    <Page
      title="Files"
      testId="files.page"
      panes
      hint={
        place && (
          <span className="num">{`${place.files.toLocaleString('en-GB')} · ${bytesText(place.bytes)} of ${bytesText(place.mostBytes)}`}</span>
        )
      }
      action={
        <Button look="primary" icon={Upload} refusal={edit} onClick={choose}>
          Upload file
        </Button>
      }
      head={
        <FilterBar>
          <SearchInput
            className="w-[212px] max-sm:w-full"
            label="Search files"
            placeholder="Name of the file"
            value={view.q}
            onValue={(q) => setView({ q }, 'replace')}
          />
        </FilterBar>
      }
    >
      <div className="relative flex min-h-0 flex-1 flex-col" {...drop}>
        <Answer
          of={files}
          what="The files"
          waiting={<SkeletonRows rows={10} height={40} />}
          isEmpty={() => rows.length === 0}
          empty={
            view.q ? (
              <EmptyState
                icon={SearchX}
                title="No file matches"
                action={<Button onClick={() => setView({ q: '' })}>Clear the search</Button>}
              />
            ) : (
              <EmptyState
                icon={FileIcon}
                title="Store your first file"
                action={
                  <Button look="primary" icon={Upload} refusal={edit} onClick={choose}>
                    Upload file
                  </Button>
                }
              >
                {`A release, a configuration: upload steps of playbooks write it to servers by its name. Choose one, or drop it here; ${bytesText(mostArtifactBytes)} at most.`}
              </EmptyState>
            )
          }
        >
          {() => (
            <DataTable<Artifact>
              label="Files"
              rows={rows}
              columns={fileColumns}
              rowId={idOf}
              nameOf={nameOf}
              versionOf={versionOf}
              rowHeight={40}
              active={view.sel}
              total={view.q ? undefined : place && place.files + 1}
              onOpen={({ id }) => setView({ sel: id })}
              onMore={onMore}
            />
          )}
        </Answer>
        {isDragging && (
          <div
            aria-hidden="true"
            className="pointer-events-none absolute inset-3 z-(--wl-z-sticky) grid place-items-center rounded-xl border-2 border-dashed border-accent bg-accent-soft text-lead font-semibold text-accent"
          >
            Drop to upload
          </div>
        )}
      </div>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          setChosen([...(event.target.files ?? [])]);
          event.target.value = ''; // the same file may be chosen again
        }}
      />
      {chosen.length > 0 && (
        <UploadDialog
          files={chosen}
          mostBytes={place?.mostFileBytes ?? mostArtifactBytes}
          onClose={() => setChosen([])}
          onStored={() => void client.invalidateQueries({ queryKey: ['artifacts'] })}
        />
      )}
      <Drawer isOpen={view.sel !== ''} onClose={() => setView({ sel: '' })} title={open.data?.name ?? 'File'}>
        {view.sel !== '' && (
          <Answer
            of={open}
            what="The file"
            waiting={
              <div className="p-5">
                <SkeletonLines />
              </div>
            }
          >
            {(file) => <FileDetail file={file} onDelete={() => setDeleting(file)} />}
          </Answer>
        )}
      </Drawer>
      {deleting && (
        <DeleteFileDialog
          file={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={() => {
            setDeleting(null);
            setView({ sel: '' }, 'replace');
          }}
        />
      )}
    </Page>
  );
}
