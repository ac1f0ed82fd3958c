import ELK from 'elkjs/lib/elk.bundled.js';
import { expect, test } from 'vitest';
import { readPlaybook } from '../document/read-playbook.ts';
import { inLine, inPlainLine, layoutGraph, roundedPath, type Placed } from './layout.ts';

const elk = new (ELK as unknown as new () => Parameters<typeof layoutGraph>[1])();
const text = `name: Roll
steps:
  - { id: check, kind: ssh, undo: [{ id: back, kind: ssh }], onFailure: [{ id: tell, kind: notify }] }
  - id: all
    kind: each
    steps: [{ id: install, kind: ssh }, { id: verify, kind: assert }]
  - id: both
    kind: parallel
    branches: [[{ id: left, kind: wait }], [{ id: right, kind: wait }]]
finally: [{ id: last, kind: notify }]
`;
const nodeOf = (placed: Placed, key: string) => {
  const node = placed.nodes.find((one) => one.key === key);
  if (!node) throw new Error(`no ${key}`);
  return node;
};
const holds = (placed: Placed, outer: string, inner: string): boolean => {
  const [a, b] = [nodeOf(placed, outer), nodeOf(placed, inner)];
  return a.x < b.x && a.y < b.y && b.x + b.width < a.x + a.width && b.y + b.height < a.y + a.height;
};

test('every step is drawn once, those inside another within its frame, and no two overlap', async () => {
  const reading = readPlaybook(text);
  const placed = await layoutGraph(reading, elk, 900);
  const steps = placed.nodes.filter(({ step }) => step).map(({ key }) => key);
  expect(steps.toSorted()).toEqual(reading.steps.map(({ key }) => key).toSorted());
  expect(holds(placed, 'all', 'verify')).toBe(true);
  expect(holds(placed, 'both', 'right')).toBe(true);
  expect(holds(placed, 'finally', 'last')).toBe(true);
  const boxes = placed.nodes.filter(({ is }) => is === 'step');
  const overlaps = boxes.flatMap((a) =>
    boxes
      .filter((b) => a.key < b.key)
      .filter((b) => a.x + a.width > b.x && b.x + b.width > a.x && a.y + a.height > b.y && b.y + b.height > a.y)
      .map((b) => `${a.key} ${b.key}`),
  );
  expect(overlaps).toEqual([]);
});

test('boxes with nothing in them stand where ELK would put them, without asking it', async () => {
  const pin = { width: 92, height: 32, main: { width: 92, height: 32 } };
  const step = { width: 172, height: 46, main: { width: 172, height: 46 } };
  for (const cells of [[pin], [pin, step], [step, step, pin], [pin, step, step, step, pin]])
    expect(inPlainLine(cells)).toEqual(await inLine(cells, elk));
  const plain = readPlaybook('name: X\nsteps: [{ id: a, kind: wait, for: 1s }, { id: b, kind: wait, for: 1s }]\n');
  const nobody = { layout: () => Promise.reject(new Error('it was asked')) };
  expect((await layoutGraph(plain, nobody, 900)).nodes.map(({ key }) => key)).toEqual(['inputs', 'a', 'b', 'end']);
  await expect(layoutGraph(readPlaybook(text), nobody, 900)).rejects.toThrow('it was asked');
});

test('what takes a step back stands below it, joined by a line of its own', async () => {
  const placed = await layoutGraph(readPlaybook(text), elk, 900);
  expect(nodeOf(placed, 'back').y).toBeGreaterThan(nodeOf(placed, 'check').y + 46);
  expect(placed.edges.filter(({ key }) => key.startsWith('check ')).map(({ look }) => look)).toEqual(
    expect.arrayContaining(['undo', 'onFailure', 'next']),
  );
});

test('a list that is wider than its room goes on in the next row', async () => {
  const steps = Array.from({ length: 100 }, (_, at) => `  - { id: s${at}, kind: wait, for: 1s }`).join('\n');
  const placed = await layoutGraph(readPlaybook(`name: X\nsteps:\n${steps}\n`), elk, 900);
  expect(placed.width).toBeLessThanOrEqual(900);
  expect(new Set(placed.nodes.map(({ y }) => y)).size).toBeGreaterThan(20);
});

test('a line with corners is rounded, a straight one is straight', () => {
  expect(
    roundedPath([
      { x: 0, y: 0 },
      { x: 9, y: 0 },
    ]),
  ).toBe('M0 0L9 0');
  expect(
    roundedPath([
      { x: 0, y: 0 },
      { x: 20, y: 0 },
      { x: 20, y: 20 },
    ]),
  ).toBe('M0 0L12 0Q20 0 20 8L20 20');
});
