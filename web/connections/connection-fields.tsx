import { Controller, type UseFormReturn } from 'react-hook-form';
import { Segmented } from '../ui/choice.tsx';
import { Field, slotProps, type ApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import type { ConnectionValues } from './connection-values.ts';

type Values = ConnectionValues;
type Schema = typeof ConnectionValues;

export interface FieldsProps {
  form: ApiForm<Schema>['form'];
  errorOf: (name: string) => string | undefined;
  isNew: boolean;
  /** Names of the secrets that are stored. */
  held: readonly string[];
}
type Name = keyof Values;

/** A line of text of the form. */
function Line({
  form,
  errorOf,
  name,
  label,
  hint,
  aside,
  placeholder,
  required = false,
  mono = true,
  type,
  className,
}: Pick<FieldsProps, 'errorOf'> & {
  form: Pick<UseFormReturn<Values>, 'register'> | FieldsProps['form'];
  name: Name;
  label: string;
  hint?: string;
  aside?: string;
  placeholder?: string;
  required?: boolean;
  mono?: boolean;
  type?: 'password';
  className?: string;
}) {
  return (
    <Field label={label} required={required} hint={hint} aside={aside} error={errorOf(name)} className={className}>
      {(slot) => (
        <Input
          {...slotProps(slot)}
          mono={mono}
          type={type}
          placeholder={placeholder}
          autoComplete={type === 'password' ? 'new-password' : 'off'}
          spellCheck={false}
          {...(form as FieldsProps['form']).register(name)}
        />
      )}
    </Field>
  );
}

/** A secret: what is stored stays where nothing is typed. */
function SecretLine({
  label,
  isRequired,
  isHeld,
  hint,
  ...rest
}: Pick<FieldsProps, 'form' | 'errorOf'> & {
  name: 'clientSecret' | 'password';
  label: string;
  isRequired: boolean;
  isHeld: boolean;
  hint?: string;
}) {
  return (
    <Line
      {...rest}
      type="password"
      label={isHeld ? `New ${label.toLowerCase()}` : label}
      required={isRequired && !isHeld}
      aside={isHeld ? 'leave empty to keep the old one' : isRequired ? undefined : 'optional'}
      hint={hint}
    />
  );
}

export function SfmcFields({ form, errorOf, held }: FieldsProps) {
  const grant = form.watch('grant');
  const shared = { form, errorOf };
  return (
    <>
      <Field
        label="Who signs in"
        hint={
          grant === 'user'
            ? 'You sign in at Marketing Cloud; queries see what you may see there.'
            : 'The package itself signs in, with its own rights; nobody is asked.'
        }
      >
        <Controller
          control={form.control}
          name="grant"
          render={({ field }) => (
            <div>
              <Segmented
                label="Who signs in"
                value={field.value}
                onValue={field.onChange}
                options={[
                  { value: 'user', label: 'A person (web app)' },
                  { value: 'server', label: 'The package (server to server)' },
                ]}
              />
            </div>
          )}
        />
      </Field>
      <Line
        {...shared}
        name="authUrl"
        label="Authentication base URI"
        required
        placeholder="https://mc….auth.marketingcloudapis.com/"
        hint="From the package’s component; the tenant’s subdomain alone will do."
      />
      <Line {...shared} name="clientId" label="Client ID" required />
      <SecretLine
        {...shared}
        name="clientSecret"
        label="Client secret"
        isRequired={grant === 'server'}
        isHeld={held.includes('clientSecret')}
        hint={grant === 'user' ? 'A public app has none.' : undefined}
      />
      <Line
        {...shared}
        name="folder"
        mono={false}
        label="Folder for temporary data extensions"
        hint="Made in each business unit when a query first runs there."
      />
    </>
  );
}

export function AmcFields({ form, errorOf, held }: FieldsProps) {
  const shared = { form, errorOf };
  const [consent, token, ads, sellingPartner] = form.watch(['consent', 'token', 'ads', 'sellingPartner']);
  return (
    <>
      <Line {...shared} name="clientId" label="Client ID" required placeholder="amzn1.application-oa2-client.…" />
      <SecretLine
        {...shared}
        name="clientSecret"
        label="Client secret"
        isRequired
        isHeld={held.includes('clientSecret')}
      />
      <Field label="Region" hint="Where your advertising account is. One sign-in is good in all of them.">
        <Controller
          control={form.control}
          name="region"
          render={({ field }) => (
            <div>
              <Segmented
                label="Region"
                value={field.value}
                onValue={field.onChange}
                options={[
                  { value: 'na', label: 'North America' },
                  { value: 'eu', label: 'Europe' },
                  { value: 'fe', label: 'Far East' },
                ]}
              />
            </div>
          )}
        />
      </Field>
      <details
        open={Boolean(consent || token || ads || sellingPartner)}
        className="rounded-md border border-line px-3 py-2"
      >
        <summary className="cursor-default text-meta text-text-2">
          Other addresses than Amazon’s, for a simulator
        </summary>
        <div className="mt-3 flex flex-col gap-3">
          <Line {...shared} name="consent" label="Consent page" />
          <Line {...shared} name="token" label="Tokens" />
          <Line {...shared} name="ads" label="Ads API" />
          <Line {...shared} name="sellingPartner" label="Selling Partner API" />
        </div>
      </details>
    </>
  );
}

export function PostgresFields({ form, errorOf, held }: FieldsProps) {
  const tls = form.watch('tls');
  const shared = { form, errorOf };
  return (
    <>
      <div className="grid grid-cols-[1fr_96px] gap-3">
        <Line {...shared} name="host" label="Host" required placeholder="replica.db.example.org" />
        <Line {...shared} name="port" label="Port" />
      </div>
      <Line {...shared} name="database" label="Database" required />
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Line {...shared} name="user" label="User" required hint="A role that may only read is best." />
        <SecretLine {...shared} name="password" label="Password" isRequired isHeld={held.includes('password')} />
      </div>
      <Field label="Encryption" error={errorOf('tls')}>
        {(slot) => (
          <Controller
            control={form.control}
            name="tls"
            render={({ field }) => (
              <Select
                id={slot.id}
                value={field.value}
                onValue={field.onChange}
                options={[
                  { value: 'verify', label: 'TLS, certificate checked', hint: 'Name and certificate must be right' },
                  { value: 'require', label: 'TLS, unchecked', hint: 'Nobody can listen, but anybody can pretend' },
                  { value: 'off', label: 'None', hint: 'Only inside one machine or a closed network' },
                ]}
              />
            )}
          />
        )}
      </Field>
      {tls === 'verify' && (
        <Field
          label="Certificate authority"
          aside="optional"
          hint="PEM, where it is none of the public ones."
          error={errorOf('ca')}
        >
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              mono
              rows={3}
              spellCheck={false}
              placeholder="-----BEGIN CERTIFICATE-----"
              {...form.register('ca')}
            />
          )}
        </Field>
      )}
      <Line
        {...shared}
        name="statementTimeout"
        label="Longest time of a query"
        hint="10m, 1h. The database ends what takes longer."
        className="max-w-[240px]"
      />
    </>
  );
}
