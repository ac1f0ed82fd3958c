import { type Impact, impactWords, phaseWords, type PublicStatus } from '#contracts/status-page/status-page.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;',
}; // prettier-ignore
/** Text as it stands in HTML and XML; control characters, which XML has no way to write, are left out. */
export const escaped = (text: string): string =>
  text.replaceAll(/(?![\t\n\r])\p{Cc}/gu, '').replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? '');

const headline: Readonly<Record<Impact, string>> = {
  none: 'Everything is working',
  degraded: 'Something is slower or partly wrong',
  partial_outage: 'A part is out of order',
  major_outage: 'A large part is out of order',
};
const time = (at: string): string =>
  `<time datetime="${at}">${escaped(
    new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(
      Date.parse(at),
    ),
  )} UTC</time>`;

const style = `
:root{color-scheme:light dark;--ground:#f6f6f5;--card:#fff;--text:#1b1c1e;--soft:#5d6168;--line:#e2e3e5;--none:#1a7f4b;--degraded:#8f6200;--partial:#b04a00;--major:#c02b2b}
@media (prefers-color-scheme:dark){:root{--ground:#131416;--card:#1b1d20;--text:#ecedee;--soft:#a0a5ad;--line:#2d3035;--none:#4cc38a;--degraded:#e2b203;--partial:#f08c4a;--major:#ff7b72}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--text);font:15px/1.55 Inter,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:720px;margin:0 auto;padding:40px 20px 64px}h1{font-size:22px;line-height:1.3;margin:0 0 4px;letter-spacing:-.01em}h2{font-size:15px;margin:32px 0 8px}h3{font-size:15px;margin:0}
p{margin:0 0 8px;white-space:pre-line;overflow-wrap:anywhere}.soft,time{color:var(--soft);font-size:13px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px;margin:12px 0}
.now{font-size:17px;font-weight:600;border-left:4px solid currentcolor}
.none{color:var(--none)}.degraded{color:var(--degraded)}.partial_outage{color:var(--partial)}.major_outage{color:var(--major)}
ul,ol{list-style:none;margin:0;padding:0}.services li{display:flex;justify-content:space-between;gap:16px;padding:9px 0;border-top:1px solid var(--line)}.services li:first-child{border:0}
.services span:last-child{font-weight:500;white-space:nowrap}.updates li{padding:10px 0 2px;border-top:1px solid var(--line);margin-top:10px}
a{color:inherit}`;

/**
 * The page at `/status/<slug>`: no script, no sign-in, nothing but what was published. It does not load itself anew, which
 * would take the place of whoever reads it slowly (WCAG 2.2.1).
 */
export function statusHtml(status: PublicStatus, feed: string): string {
  const { title, intro, impact, services, incidents, updatedAt } = status;
  const open = incidents.filter(({ phase }) => phase !== 'resolved');
  const over = incidents.filter(({ phase }) => phase === 'resolved');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: status</title>
<link rel="alternate" type="application/atom+xml" title="${escaped(title)}" href="${escaped(feed)}"><style>${style}</style></head>
<body><main><h1 dir="auto">${escaped(title)}</h1>${intro ? `<p class="soft" dir="auto">${escaped(intro)}</p>` : ''}
<div class="card now ${impact}" role="status">${headline[impact]}</div>
${
  services.length > 0
    ? `<div class="card"><ul class="services" aria-label="Services">${services
        .map(
          (one) =>
            `<li><span dir="auto">${escaped(one.name)}</span><span class="${one.impact}">${impactWords[one.impact]}</span></li>`,
        )
        .join('')}</ul></div>`
    : ''
}
${open.length > 0 ? `<h2>Now</h2>${open.map(incidentHtml).join('')}` : ''}
<h2>The last two weeks</h2>${over.length > 0 ? over.map(incidentHtml).join('') : '<p class="soft">Nothing was reported.</p>'}
<p class="soft">${updatedAt ? `Last update ${time(updatedAt)}. ` : ''}<a href="">Look again</a> · <a href="${escaped(feed)}">Feed</a></p>
</main></body></html>`;
}

const incidentHtml = ({ title, impact, phase, services, updates }: PublicStatus['incidents'][number]): string =>
  `<article class="card"><h3 dir="auto">${escaped(title)}</h3><p class="soft">${phaseWords[phase]}${
    phase === 'resolved' ? '' : `, <span class="${impact}">${impactWords[impact]}</span>`
  }${services.length > 0 ? `: ${services.map((name) => `<bdi>${escaped(name)}</bdi>`).join(', ')}` : ''}</p><ol class="updates">${updates
    .map(
      (one) =>
        `<li><p dir="auto">${escaped(one.text)}</p><p class="soft">${phaseWords[one.phase]}, ${time(one.at)}</p></li>`,
    )
    .join('')}</ol></article>`;

/** The same as an Atom feed (RFC 4287): an entry for each update. */
export function statusAtom(status: PublicStatus, address: string): string {
  const entries = status.incidents.flatMap(({ id, title, updates }) =>
    updates.map(
      (
        one,
      ) => `<entry><id>urn:windlass:status:${id}:${Date.parse(one.at)}</id><title>${escaped(`${title}: ${phaseWords[one.phase]}`)}</title>
<updated>${one.at}</updated><link href="${escaped(address)}"/><content type="text">${escaped(one.text)}</content></entry>`,
    ),
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>${escaped(address)}</id><title>${escaped(status.title)}</title>
<updated>${status.updatedAt ?? '1970-01-01T00:00:00.000Z'}</updated><author><name>${escaped(status.title)}</name></author>
<link rel="self" href="${escaped(address)}/feed.atom"/><link href="${escaped(address)}"/>
${entries.join('\n')}</feed>
`;
}
