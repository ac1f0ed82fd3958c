import type { FastifyReply } from 'fastify';

/** A page that works without scripts, on a phone, and by keyboard alone. */
export interface ActPage {
  status: number;
  title: string;
  lines: readonly string[];
  /** A button that posts to the very address of the page. */
  button?: { label: string } | undefined;
  link?: { label: string; url: string } | undefined;
}

const style = `
:root{color-scheme:light dark}
body{font:17px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f5f7;color:#16181d}
main{box-sizing:border-box;width:min(100%,440px);padding:28px 24px;background:#fff;border:1px solid #dfe2e8;border-radius:10px}
h1{font-size:21px;line-height:1.3;margin:0 0 12px}p{margin:0 0 12px;overflow-wrap:anywhere}
.brand{font-size:13px;color:#5b6270;margin:0 0 16px}
button{box-sizing:border-box;width:100%;min-height:50px;margin:8px 0 16px;border:0;border-radius:8px;background:#1d4ed8;color:#fff;font:600 17px system-ui,sans-serif;cursor:pointer}
button:focus-visible,a:focus-visible{outline:3px solid #7aa2ff;outline-offset:2px}a{color:#1d4ed8}
@media(max-width:480px){body{place-items:stretch;background:#fff}main{border:0;border-radius:0}}
@media(prefers-color-scheme:dark){body{background:#101216;color:#e8eaee}main{background:#181b21;border-color:#2c313a}.brand{color:#9aa2b1}a{color:#8fb0ff}button{background:#3563e9}}
@media(prefers-color-scheme:dark) and (max-width:480px){body{background:#181b21}}`;

export const sendActPage = (reply: FastifyReply, { status, title, lines, button, link }: ActPage): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex')
    .send(
      [
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${style}</style></head>`,
        `<body><main><p class="brand">Windlass</p><h1>${escaped(title)}</h1>`,
        ...lines.map((line) => `<p>${escaped(line)}</p>`),
        button ? `<form method="post"><button type="submit">${escaped(button.label)}</button></form>` : '',
        link ? `<p><a href="${escaped(link.url)}">${escaped(link.label)}</a></p>` : '',
        '</main></body></html>',
      ].join(''),
    );

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
