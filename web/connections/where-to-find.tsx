import type { ReactNode } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { redirectUri } from './connections.ts';

/** What the package needs to do what queries need; the picker in Marketing Cloud has them by area. */
const sfmcScopes = [
  'automations_read',
  'automations_write',
  'automations_execute',
  'data_extensions_read',
  'data_extensions_write',
  'list_and_subscribers_read',
  'tracking_events_read',
  'offline',
];
const sfmcOptional = ['accounts_read', 'saved_content_read'];

function Steps({ children }: { children: ReactNode }) {
  return <ol className="list-decimal space-y-1.5 pl-4 text-meta text-text-2">{children}</ol>;
}
const Word = ({ children }: { children: ReactNode }) => <b className="font-medium text-text">{children}</b>;

function Redirect() {
  return (
    <div>
      <p className="mb-1 text-meta font-medium">Redirect URI</p>
      <CodeBlock what="redirect URI" wrap>
        {redirectUri()}
      </CodeBlock>
    </div>
  );
}

/** Where each of the details stands at the service, step by step, and what has to be told to it. */
export function WhereToFind({ kind }: { kind: EngineKind }) {
  return (
    <div className="flex flex-col gap-3 rounded-lg bg-sunken p-4">
      <h2 className="font-semibold">Where to find these</h2>
      {kind === 'sfmc' && (
        <>
          <Steps>
            <li>
              In Marketing Cloud open <Word>Setup</Word>, then <Word>Apps</Word>, <Word>Installed Packages</Word>.
            </li>
            <li>
              Make a <Word>New</Word> package, or open yours, and choose <Word>Add Component</Word>,{' '}
              <Word>API Integration</Word>.
            </li>
            <li>
              <Word>Web App</Word> lets people sign in as themselves. <Word>Server-to-Server</Word> signs in as the
              package.
            </li>
            <li>For a web app, add the redirect URI below, to the letter.</li>
            <li>Tick these scopes and save.</li>
            <li>
              Copy <Word>Client Id</Word>, <Word>Client Secret</Word> and <Word>Authentication Base URI</Word>. Changes
              take up to 5 minutes to work.
            </li>
          </Steps>
          <Redirect />
          <div>
            <p className="mb-1 text-meta font-medium">Scopes</p>
            <span className="flex flex-wrap gap-1">
              {sfmcScopes.map((scope) => (
                <Tag key={scope} mono>
                  {scope}
                </Tag>
              ))}
            </span>
            <p className="mt-2 mb-1 text-meta text-text-2">Useful as well: business units by name, folders.</p>
            <span className="flex flex-wrap gap-1">
              {sfmcOptional.map((scope) => (
                <Tag key={scope} mono tone="line">
                  {scope}
                </Tag>
              ))}
            </span>
          </div>
        </>
      )}
      {kind === 'amc' && (
        <>
          <Steps>
            <li>
              Open <Word>developer.amazon.com</Word>, <Word>Login with Amazon</Word>, and make a security profile, or
              open yours.
            </li>
            <li>
              Under <Word>Web Settings</Word> add the address below to <Word>Allowed Return URLs</Word>.
            </li>
            <li>
              Copy <Word>Client ID</Word> and <Word>Client Secret</Word>.
            </li>
            <li>
              The profile must be approved for the <Word>Amazon Ads API</Word>; Amazon tells by mail.
            </li>
            <li>
              Whoever signs in needs access to the advertising account that holds your <Word>AMC instances</Word>.
            </li>
          </Steps>
          <Redirect />
          <p className="text-meta text-text-2">
            We ask for <span className="font-mono text-[11.5px]">advertising::campaign_management</span>, which covers
            AMC.
          </p>
        </>
      )}
      {kind === 'postgres' && (
        <>
          <Steps>
            <li>
              A role that may log in and read is enough. A replica is better than the database that serves people.
            </li>
            <li>
              The database must be reachable from this installation. Private addresses have to be allowed under{' '}
              <Word>Settings, General</Word>.
            </li>
            <li>Queries run in read-only transactions, and end when their time is over.</li>
          </Steps>
          <CodeBlock what="statements" wrap>
            {`create role windlass_reader login password '…';\ngrant pg_read_all_data to windlass_reader;`}
          </CodeBlock>
        </>
      )}
    </div>
  );
}
