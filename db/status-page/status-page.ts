import { type Selectable, sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { publicStatus, shownForMs } from '#contracts/status-page/public-status.ts';
import type {
  PublicStatus,
  PublishedUpdate,
  PublishUpdate,
  StatusPageSettings,
} from '#contracts/status-page/status-page.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { StatusUpdatesTable } from './tables.ts';

export type KeptSettings = StatusPageSettings & { version: number };

/** The settings; undefined where nobody made a page. */
export async function readStatusPage(tx: TenantTx, { lock = false } = {}): Promise<KeptSettings | undefined> {
  const query = tx.selectFrom('statusPages').select(['slug', 'isOn', 'title', 'intro', 'services', 'version']);
  return (lock ? query.forUpdate() : query).executeTakeFirst();
}

/** What a page would be before anybody made one: off, and called after the workspace. */
export async function blankStatusPage(tx: TenantTx): Promise<KeptSettings> {
  const { rows } = await sql<{ slug: string; name: string }>`
    select slug, name from workspaces where id = nullif(current_setting('app.tenant_id', true), '')::uuid`.execute(tx);
  const { slug = '', name = 'Status' } = rows[0] ?? {};
  return {
    isOn: false,
    slug: slug.length >= 3 ? slug.slice(0, 60) : 'our-status',
    title: name,
    intro: '',
    services: [],
    version: 0,
  };
}

/** The key of an incident; undefined where there is none. */
export const incidentKey = async (tx: TenantTx, id: string): Promise<string | undefined> =>
  (await tx.selectFrom('incidents').select('key').where('id', '=', id).executeTakeFirst())?.key;

/** @throws Refusal `status_page.slug_taken` */
export async function keepStatusPage(tx: TenantTx, settings: StatusPageSettings): Promise<void> {
  const values = { ...settings, services: JSON.stringify(settings.services) };
  await tx
    .insertInto('statusPages')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .column('workspaceId')
        .doUpdateSet({ ...values, version: sql<number>`status_pages.version + 1`, updatedAt: new Date() }),
    )
    .execute()
    .catch((error: unknown) => {
      throw violates(error, 'status_pages_slug')
        ? new Refusal('status_page.slug_taken', { slug: settings.slug })
        : error;
    });
}

/** @throws Refusal `status_page.off`, `status_page.service_unknown` */
export async function insertUpdate(
  tx: TenantTx,
  { id, incidentId, by }: { id: string; incidentId: string; by: ActorRef },
  update: PublishUpdate,
): Promise<PublishedUpdate> {
  const page = await readStatusPage(tx);
  if (!page?.isOn) throw new Refusal('status_page.off');
  const unknown = update.services.find((service) => !page.services.some((one) => one.service === service));
  if (unknown !== undefined) throw new Refusal('status_page.service_unknown', { service: unknown });
  const row = await tx
    .insertInto('statusUpdates')
    .values({ id, incidentId, ...update, publishedBy: JSON.stringify(by) })
    .returningAll()
    .executeTakeFirstOrThrow();
  return showUpdate(row);
}

export async function deleteUpdate(tx: TenantTx, incidentId: string, id: string): Promise<PublishedUpdate | undefined> {
  const row = await tx
    .deleteFrom('statusUpdates')
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && showUpdate(row);
}

export const listUpdates = async (tx: TenantTx, incidentId: string): Promise<PublishedUpdate[]> =>
  (
    await tx
      .selectFrom('statusUpdates')
      .selectAll()
      .where('incidentId', '=', incidentId)
      .orderBy('publishedAt', 'desc')
      .limit(500)
      .execute()
  ).map(showUpdate);

/** What the public sees; undefined where the page is off. */
export async function readPublicStatus(tx: TenantTx, now: number): Promise<PublicStatus | undefined> {
  const page = await readStatusPage(tx);
  if (!page?.isOn) return undefined;
  const { rows } = await sql<Selectable<StatusUpdatesTable>>`
    with shown as (
      select distinct on (incident_id) incident_id, phase, published_at from status_updates
      order by incident_id, published_at desc)
    select u.id, u.incident_id as "incidentId", u.title, u.phase, u.impact, u.services, u.text, u.published_at as "publishedAt"
    from status_updates u join shown s on s.incident_id = u.incident_id
    where s.phase <> 'resolved' or s.published_at > ${new Date(now - shownForMs)}
    order by u.published_at desc limit 1000`.execute(tx);
  return publicStatus(
    page,
    rows.map(({ publishedAt, ...row }) => ({ ...row, publishedAt: publishedAt.toISOString() })),
    now,
  );
}

const showUpdate = ({
  workspaceId: _workspace,
  incidentId: _incident,
  publishedAt,
  ...row
}: Selectable<StatusUpdatesTable>): PublishedUpdate => ({ ...row, publishedAt: publishedAt.toISOString() });
