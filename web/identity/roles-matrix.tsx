import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { Answer } from '../ui/answer.tsx';
import { SectionHead } from '../ui/card.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { roleWords, td, th } from './role-words.ts';

/** What each role may do. */
export function Roles() {
  const matrix = useQuery({ queryKey: ['members', 'roles'], queryFn: ({ signal }) => api.listRoles({ signal }) });
  return (
    <Answer of={matrix} what="The roles" waiting={<SkeletonRows height={30} />}>
      {({ permissions, roles: columns }) => (
        <>
          <SectionHead
            title="What each role may do"
            hint="The database holds these rules too, not only the screen."
            className="px-5!"
          />
          <div className="overflow-x-auto">
            <table className="w-full">
              <thead className="bg-sunken">
                <tr>
                  <th className={`${th} border-t`}>Permission</th>
                  {columns.map(({ role, members }) => (
                    <th key={role} className={`${th} w-28 border-t border-l text-center text-text`}>
                      {roleWords[role]} <span className="num font-normal text-text-3">{members}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {permissions.map((permission) => (
                  <tr key={permission}>
                    <td className={`${td} h-[30px] font-mono text-meta`}>{permission}</td>
                    {columns.map(({ role, permissions: has }) => (
                      <td key={role} className={`${td} h-[30px] border-l text-center`}>
                        {has.includes(permission) ? (
                          <span className="text-ok-fg">
                            ✓<span className="sr-only">yes</span>
                          </span>
                        ) : (
                          <span className="text-text-3">
                            –<span className="sr-only">no</span>
                          </span>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Answer>
  );
}
