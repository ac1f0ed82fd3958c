import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startSshd } from '#tests/kit/sshd.ts';
import { hearEndings } from '../kit/endings.ts';
import { median, ms, timed, times } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { createPlaybook, timeRun } from '../kit/runs.ts';
import { needAnsible, runAnsible } from '../peers/ansible.ts';
import { runXargsSsh } from '../peers/xargs-ssh.ts';

const hosts = 50;
const command = 'hostname';
const Id = z.object({ id: z.string() });

export const commands: Row = {
  name: 'ssh',
  notes: [
    `Commands: \`${command}\` on ${hosts} loopback addresses of real \`sshd\`s (four processes, all on this machine, which plays every host as well). Ours: one ssh step with \`parallel: ${hosts}\`, from POST to \`run.ended\`; every host's output, exit code and events are in the database by then. First contact: all connections were cut before; peers connect anew too (\`ansible\` by its defaults with \`-f ${hosts}\`, host key checking off; \`xargs -P${hosts} ssh\`).`,
    'Second command: our connections are open; `xargs ssh` has none to keep and connects again. `durable: false` runs the command without a marker on the host.',
    "The hosts' own work (key exchange, shells, for durable commands some twelve process starts a host) runs on the same cores as the product and is part of each figure.",
  ],
  async measure(tools) {
    const product = await tools.product();
    const ansible = await needAnsible(tools.say);
    const sshd = await startSshd({ hosts });
    const endings = await hearEndings(product.api);
    try {
      const { api } = product;
      const { id: credentialId } = Id.parse(
        await api.post('/credentials', {
          name: 'bench',
          kind: 'ssh_key',
          username: sshd.username,
          privateKey: sshd.privateKey,
        }),
      );
      for (const { name, address, port, hostKey } of sshd.hosts)
        await api.post('/servers', { name, host: address, port, tags: ['bench'], credentialId, hostKey });
      const step = { id: 'run', kind: 'ssh', hosts: { tags: ['bench'] }, parallel: hosts, command };
      const durable = await createPlaybook(api, { name: 'Durable', steps: [step] });
      const plain = await createPlaybook(api, { name: 'Plain', steps: [{ ...step, durable: false }] });
      const cut = async (): Promise<void> => {
        sshd.dropConnections();
        await sleep(1_000); // both sides have noticed
      };

      await timeRun(api, endings, durable);
      const first: Record<'ours' | 'xargs' | 'ansible', number[]> = { ours: [], xargs: [], ansible: [] };
      for (let round = 0; round < rounds(tools, 5); round++) {
        await cut();
        first.ours.push(await timeRun(api, endings, durable));
        await cut();
        first.xargs.push(await timed(() => runXargsSsh(sshd, command)));
        if (round > rounds(tools, 3, 1) - 1) continue;
        await cut();
        first.ansible.push(await timed(() => runAnsible(ansible, sshd, command)));
        tools.say(
          `first contact: ours ${ms(first.ours.at(-1) ?? 0)}, xargs ssh ${ms(first.xargs.at(-1) ?? 0)}, ansible ${ms(first.ansible.at(-1) ?? 0)}`,
        );
      }
      const second: Record<'durable' | 'plain' | 'xargs', number[]> = { durable: [], plain: [], xargs: [] };
      await timeRun(api, endings, durable);
      await timeRun(api, endings, plain);
      for (let round = 0; round < rounds(tools, 10); round++) {
        second.durable.push(await timeRun(api, endings, durable));
        second.plain.push(await timeRun(api, endings, plain));
        second.xargs.push(await timed(() => runXargsSsh(sshd, command)));
      }
      const [ours, xargs, forks] = [median(first.ours), median(first.xargs), median(first.ansible)];
      const [kept, quick, again] = [median(second.durable), median(second.plain), median(second.xargs)];
      const what = `a command on ${hosts} hosts`;
      return [
        {
          what: `${what}, first contact, durable`,
          ours: ms(ours),
          peer: `ansible -m command -f 50 ${ms(forks)}`,
          ratio: `${(forks / ours).toFixed(1)}× faster`,
          target: '≥ 5× faster',
          isMet: forks / ours >= 5,
        },
        {
          what: `${what}, first contact, durable`,
          ours: ms(ours),
          peer: `xargs -P50 ssh ${ms(xargs)}`,
          ratio: times(ours / xargs),
          target: '≤ 1.3×',
          isMet: ours / xargs <= 1.3,
        },
        {
          what: 'a second command, connections open, durable',
          ours: ms(kept),
          peer: `xargs -P50 ssh ${ms(again)}`,
          ratio: `${(again / kept).toFixed(1)}× faster`,
          target: '≥ 3× faster',
          isMet: again / kept >= 3,
        },
        {
          what: 'a second command, connections open, `durable: false`',
          ours: ms(quick),
          peer: `xargs -P50 ssh ${ms(again)}`,
          ratio: `${(again / quick).toFixed(1)}× faster`,
          target: '≥ 10× faster',
          isMet: again / quick >= 10,
        },
      ];
    } finally {
      endings.close();
      await sshd.stop();
    }
  },
};
