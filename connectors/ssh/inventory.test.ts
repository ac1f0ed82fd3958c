import { expect, test } from 'vitest';
import { discoveredAttributes } from '#contracts/assets/discovered.ts';
import { parseInventory } from './inventory.ts';

test('what a host prints becomes attributes; foreign lines are passed over', () => {
  const host = parseInventory(
    'Welcome!\nosName\tDebian\nkernel\t6.12\ncpus\t4\nmemoryBytes\t8589934592\ndisk\t/\t/dev/sda1\t10737418240\ndisk\t/var/lib\t/dev/sdb\t1073741824\nservice\tssh\nservice\tcron\nlistening\ttcp/22\nlistening\tnonsense\ncpus\tmany\n',
  );
  expect(discoveredAttributes(host)).toEqual({
    'os.name': 'Debian',
    'os.kernel': '6.12',
    'cpu.count': 4,
    'memory.gib': 8,
    'disk.root.gib': 10,
    'disk.var_lib.gib': 1,
    services: ['cron', 'ssh'],
    listening: ['tcp/22'],
  });
});
