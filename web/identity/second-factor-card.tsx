import { FileText, KeyRound, ShieldCheck, Smartphone, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { SecurityKey } from '#contracts/identity/key-answers.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { type Factor, useFactor } from './factor-fields.tsx';
import { SecondFactorDialog, type FactorAct } from './second-factor-dialog.tsx';
import { AddSecurityKey, RemoveSecurityKey } from './security-key-dialogs.tsx';

type Act = FactorAct | 'add-key' | SecurityKey;

/** One's second factor: the app, security keys, and the recovery codes that stand in for them. */
export function SecondFactorCard() {
  const factor = useFactor();
  const [act, setAct] = useState<Act | null>(null);
  return (
    <Card label="Second factor">
      <SectionHead title="Second factor" />
      <Answer of={factor} what="The second factor" waiting={<SkeletonLines lines={2} />}>
        {(data) => (
          <>
            {!data.isOn && (
              <Line
                icon={TriangleAlert}
                tone="text-wait-fg"
                title="None"
                about="Your password alone opens your account."
              />
            )}
            <AppLine factor={data} onAct={setAct} />
            <Line icon={KeyRound} title="Security keys" about="A key in your hand, or this device, in place of a code.">
              <Button onClick={() => setAct('add-key')}>Add security key</Button>
            </Line>
            {data.securityKeys.map((key) => (
              <KeyLine key={key.id} of={key} onRemove={() => setAct(key)} />
            ))}
            {data.isOn && (
              <Line
                icon={FileText}
                title="Recovery codes"
                about={`${data.recoveryCodesLeft} ${data.recoveryCodesLeft === 1 ? 'code' : 'codes'} left`}
              >
                <Button onClick={() => setAct('renew')}>New recovery codes</Button>
              </Line>
            )}
            {act && <ActDialog act={act} factor={data} onClose={() => setAct(null)} />}
          </>
        )}
      </Answer>
    </Card>
  );
}

function ActDialog({ act, factor, onClose }: { act: Act; factor: Factor; onClose: () => void }) {
  if (act === 'add-key') return <AddSecurityKey factor={factor} onClose={onClose} />;
  if (typeof act === 'object') return <RemoveSecurityKey of={act} factor={factor} onClose={onClose} />;
  return <SecondFactorDialog act={act} factor={factor} onClose={onClose} />;
}

function AppLine({ factor: { isOn, confirmedAt }, onAct }: { factor: Factor; onAct: (act: FactorAct) => void }) {
  return confirmedAt ? (
    <Line
      icon={ShieldCheck}
      tone="text-ok-fg"
      title="Authenticator app"
      about={
        <>
          since <RelativeTime at={confirmedAt} />
        </>
      }
    >
      <Button look="danger" onClick={() => onAct('remove')}>
        Turn off
      </Button>
    </Line>
  ) : (
    <Line icon={Smartphone} title="Authenticator app" about="Six digits, new every half minute.">
      <Button look={isOn ? 'default' : 'primary'} onClick={() => onAct('set-up')}>
        Set up
      </Button>
    </Line>
  );
}

function KeyLine({ of: { name, site, createdAt, lastUsedAt }, onRemove }: { of: SecurityKey; onRemove: () => void }) {
  const about = (
    <>
      added <RelativeTime at={createdAt} /> ·{' '}
      {lastUsedAt ? (
        <>
          used <RelativeTime at={lastUsedAt} />
        </>
      ) : (
        'not used yet'
      )}
      {site !== location.hostname && ` · works at ${site} only`}
    </>
  );
  return (
    <Line icon={ShieldCheck} tone="text-ok-fg" title={name} about={about}>
      <Button look="danger" aria-label={`Remove ${name}`} onClick={onRemove}>
        Remove
      </Button>
    </Line>
  );
}

function Line({
  icon,
  tone = 'text-text-3',
  title,
  about,
  children,
}: {
  icon: LucideIcon;
  tone?: string;
  title: string;
  about: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
      <span className={tone}>
        <Icon of={icon} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{title}</p>
        <p className="text-meta text-text-2">{about}</p>
      </div>
      {children}
    </div>
  );
}
