import { Client } from '../kit/client.ts';
import type { EverydayCommand } from '../kit/command.ts';
import { UsageError, exits } from '../kit/exits.ts';
import { isSet, valueOf } from '../kit/scan-arguments.ts';
import { addressOfServer, isPlain, keepProfile, keptProfile } from '../kit/settings.ts';
import { ask, askSecret, neverPrint, note, readInput } from '../kit/terminal.ts';
import { callerWords } from './whoami.ts';

/** There is somebody to ask. */
const canAsk = (): boolean => process.stdin.isTTY === true;

export const login: EverydayCommand = {
  name: 'login',
  summary: 'Keep address and API key for the commands that follow',
  usage: '[--url ADDRESS] [--key-stdin] [--workspace NAME] [--profile NAME]',
  mostWords: 0,
  options: [
    { name: 'url', about: 'the address of the installation; asked for where it is not given' },
    { name: 'key-stdin', isFlag: true, about: 'the key comes on standard input, for scripts' },
    { name: 'workspace', about: 'short name or id; a key has one of its own, a person’s token may need one' },
  ],
  more: 'The key is tried, then kept in $XDG_CONFIG_HOME/windlass/config.json (~/.config), which is for you alone to read.',
  run: async (scanned, env) => {
    const name = valueOf(scanned, 'profile') ?? 'default';
    const kept = keptProfile(env, name);
    const isPiped = isSet(scanned, 'key-stdin');
    const preset = env['WINDLASS_URL'] || kept?.url || (canAsk() && !isPiped ? 'http://127.0.0.1:3000' : undefined);
    const typed = valueOf(scanned, 'url') ?? (isPiped || !canAsk() ? preset : await ask('Address', preset));
    if (typed === undefined) throw new UsageError('--url is missing.');
    const url = addressOfServer(typed);
    if (isPlain(url)) note(`windlass: ${url} is not encrypted: everybody on the way can read the key.`);
    if (!isPiped && !canAsk())
      throw new UsageError('There is no terminal to ask for the key on: give it by --key-stdin.');
    const apiKey = isPiped ? (await readInput()).trim() : await askSecret('API key (Settings → API keys makes one)');
    if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new UsageError('That is no key.');
    neverPrint(apiKey);
    const workspace =
      valueOf(scanned, 'workspace') ??
      // A key belongs to one workspace; who brings a person's token may have to choose.
      (isPiped || apiKey.startsWith('wl_') ? undefined : (await ask('Workspace', kept?.workspace)) || undefined);
    const target = { url, apiKey, workspace };
    const caller = await new Client({ target, isVerbose: isSet(scanned, 'verbose') }).call('getCaller', {});
    const file = keepProfile(env, name, target);
    note(`${callerWords(caller)}. Kept in ${file}${name === 'default' ? '' : ` as ${name}`}.`);
    return exits.succeeded;
  },
};

export const logout: EverydayCommand = {
  name: 'logout',
  summary: 'Forget what login kept; the key itself stays valid until it is revoked',
  usage: '[--profile NAME]',
  mostWords: 0,
  options: [],
  run: async (scanned, env) => {
    const name = valueOf(scanned, 'profile') ?? 'default';
    if (!keptProfile(env, name)) throw new UsageError(`There is no profile ${name}.`);
    note(`Forgotten in ${keepProfile(env, name, undefined)}.`);
    return exits.succeeded;
  },
};
