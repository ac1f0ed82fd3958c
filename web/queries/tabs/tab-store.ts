import type { KeepQueryTab, QueryTab } from '#contracts/queries/saved-queries.ts';
import { mergeTexts } from './merge-text.ts';
import { emptyTab, keptOf, type OpenTab, tabOf, type TabChange } from './open-tab.ts';

/** How long after a change it is sent: with the way there a power cut takes a second at most. */
const SEND_MS = 600;
const KEEP_MS = 150;
const CURSOR_MS = 4_000;
const AGAIN_MS = 3_000;
/** As long as the toast offers to take it back. */
const UNDO_MS = 6_500;

export interface TabPorts {
  /** Keeps a tab at the server; the answer holds what other browsers typed as well. */
  send: (id: string, body: KeepQueryTab) => Promise<QueryTab & { hasConflict: boolean }>;
  close: (id: string) => Promise<void>;
  /** Keeps all tabs in this browser. */
  keepHere: (tabs: readonly OpenTab[]) => void;
  /** Both browsers changed the same lines: both are in the text now. */
  onConflict: (tab: OpenTab) => void;
}
export interface TabsState {
  tabs: readonly OpenTab[];
  /** The server has not taken something for a while: why. */
  failure: unknown;
}

/**
 * The open tabs of one person, in this browser at once and at the server within a second. What another browser typed
 * comes back with the answer and is laid under what was typed here meanwhile.
 */
export class TabStore {
  #state: TabsState = { tabs: [], failure: null };
  readonly #ports: TabPorts;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Map<string, { timer: ReturnType<typeof setTimeout>; due: number }>();
  readonly #sending = new Set<string>();
  readonly #closing = new Map<string, ReturnType<typeof setTimeout>>();
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: TabPorts) {
    this.#ports = ports;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  snapshot = (): TabsState => this.#state;
  find = (id: string): OpenTab | undefined => this.#state.tabs.find((tab) => tab.id === id);

  /** What the server keeps and what this browser kept: text that never reached the server wins, and is sent. */
  load(atServer: readonly QueryTab[], here: readonly OpenTab[]): void {
    const server = atServer.map(tabOf);
    const unsent = here.filter(({ isUnsent }) => isUnsent);
    const tabs = [
      ...server.map((tab) => unsent.find(({ id }) => id === tab.id) ?? tab),
      ...unsent.filter(({ id, base }) => base === 0 && !server.some((tab) => tab.id === id)),
    ];
    this.#set(tabs);
    for (const { id, isUnsent } of tabs) if (isUnsent) this.#later(id, 0);
  }

  /** The server does not answer: what this browser kept is all there is, and is sent when it does. */
  loadAlone(here: readonly OpenTab[]): void {
    this.#set(here.map((tab) => ({ ...tab, isUnsent: true })));
    for (const { id } of here) this.#later(id);
  }

  /** What the server keeps now, read again: tabs that another browser opened, changed or closed. */
  refresh(atServer: readonly QueryTab[]): void {
    const fresh = new Map(atServer.map((tab) => [tab.id, tabOf(tab)]));
    const known = this.#state.tabs.flatMap((tab) => {
      const kept = fresh.get(tab.id);
      fresh.delete(tab.id);
      if (tab.isUnsent || this.#sending.has(tab.id)) return [tab];
      if (!kept) return [];
      return [kept.base > tab.base ? { ...kept, cursor: tab.cursor, runId: tab.runId ?? kept.runId } : tab];
    });
    this.#set([...known, ...[...fresh.values()].filter(({ id }) => !this.#closing.has(id))]);
  }

  /** Whether the server keeps something of a tab that is not here: not where what is here is on its way, for it is merged. */
  isBehind(id: string, revision: number | null): boolean {
    const tab = this.find(id);
    if (!tab) return revision !== null && !this.#closing.has(id);
    if (tab.isUnsent || this.#sending.has(id)) return false;
    return revision === null || revision > tab.base;
  }

  open(given: TabChange = {}, id: string = crypto.randomUUID()): OpenTab {
    const last = Math.max(0, ...this.#state.tabs.map(({ position }) => position));
    const tab = emptyTab(id, last + 1, given);
    this.#set([...this.#state.tabs, tab]);
    this.#later(id);
    return tab;
  }

  change(id: string, change: TabChange): void {
    const tab = this.find(id);
    if (!tab || Object.entries(change).every(([name, value]) => tab[name as keyof OpenTab] === value)) return;
    this.#replace({ ...tab, ...change, isUnsent: true });
    // Where the cursor stands is no work that could be lost.
    this.#later(id, Object.keys(change).every((name) => name === 'cursor') ? CURSOR_MS : SEND_MS);
  }

  /** Takes the tab away; the server is told once it cannot be taken back any more. What is answered takes it back. */
  close(id: string): () => void {
    const tab = this.find(id);
    if (!tab) return () => undefined;
    this.#stopTimer(id);
    this.#set(this.#state.tabs.filter((other) => other.id !== id));
    const timer = setTimeout(() => this.#closeNow(id), UNDO_MS);
    this.#closing.set(id, timer);
    return () => {
      if (!this.#closing.has(id)) return;
      clearTimeout(timer);
      this.#closing.delete(id);
      this.#set([...this.#state.tabs, tab]);
      if (tab.isUnsent) this.#later(id);
    };
  }
  #closeNow(id: string): void {
    clearTimeout(this.#closing.get(id));
    this.#closing.delete(id);
    // One that never reached the server is not there to be closed.
    this.#ports.close(id).catch(() => undefined);
  }

  /** Puts a tab at another place, counted from 0. */
  move(id: string, place: number): void {
    const tab = this.find(id);
    if (!tab) return;
    const others = this.#state.tabs.filter((other) => other.id !== id);
    const at = Math.max(0, Math.min(others.length, place));
    const before = others[at - 1]?.position;
    const after = others[at]?.position;
    const position = before === undefined ? (after ?? 1) - 1 : after === undefined ? before + 1 : (before + after) / 2;
    this.change(id, { position });
  }

  /** The page goes away: nothing waits any more. */
  flush(): void {
    for (const id of this.#closing.keys()) this.#closeNow(id);
    for (const { id, isUnsent } of this.#state.tabs) if (isUnsent) void this.#send(id);
    this.#keepHere();
  }
  stop(): void {
    for (const id of this.#timers.keys()) this.#stopTimer(id);
    clearTimeout(this.#keeping);
  }

  #stopTimer(id: string): void {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.delete(id);
  }
  /** Not put off by further changes: who types on is kept all the same. What is urgent overtakes what is not. */
  #later(id: string, ms: number = SEND_MS): void {
    const due = Date.now() + ms;
    const waiting = this.#timers.get(id);
    if (waiting && waiting.due <= due) return;
    this.#stopTimer(id);
    const timer = setTimeout(() => {
      this.#timers.delete(id);
      void this.#send(id);
    }, ms);
    this.#timers.set(id, { timer, due });
  }

  async #send(id: string): Promise<void> {
    const sent = this.find(id);
    if (!sent?.isUnsent || this.#sending.has(id)) return;
    this.#sending.add(id);
    try {
      const answer = await this.#ports.send(id, keptOf(sent));
      this.#sending.delete(id);
      this.#settle(sent, answer);
    } catch (error) {
      this.#sending.delete(id);
      this.#fail(error);
      this.#later(id, AGAIN_MS);
    }
  }

  #settle(sent: OpenTab, answer: QueryTab & { hasConflict: boolean }): void {
    const now = this.find(sent.id);
    if (!now) return;
    const isSame = now === sent;
    const sql = mergeTexts(sent.sql, now.sql, answer.sql);
    // What was typed meanwhile touches the same lines: the server joins the two, by the revision we still stand on.
    const next: OpenTab =
      sql === undefined ? { ...now, isUnsent: true } : { ...now, sql, base: answer.revision, isUnsent: !isSame };
    this.#state = { ...this.#state, failure: null };
    this.#replace(next);
    if (answer.hasConflict) this.#ports.onConflict(next);
    if (next.isUnsent) this.#later(sent.id);
  }

  #fail(failure: unknown): void {
    this.#state = { ...this.#state, failure };
    for (const listener of this.#listeners) listener();
  }
  #replace(tab: OpenTab): void {
    this.#set(this.#state.tabs.map((other) => (other.id === tab.id ? tab : other)));
  }
  #set(tabs: readonly OpenTab[]): void {
    this.#state = { ...this.#state, tabs: tabs.toSorted((a, b) => a.position - b.position) };
    for (const listener of this.#listeners) listener();
    this.#keeping ??= setTimeout(() => this.#keepHere(), KEEP_MS);
  }
  #keepHere(): void {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    this.#ports.keepHere(this.#state.tabs);
  }
}
