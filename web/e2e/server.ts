// A static server for the built page, under a subpath as on GitHub Pages.

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
};
const PATH = '/plainsight/';

export interface Server {
  readonly url: string;
  readonly close: () => void;
}

/** @param withHeaders Whether to send the headers that `_headers` lists. */
export async function serve(folder: string, withHeaders: boolean): Promise<Server> {
  const headers = withHeaders ? await readFile(join(folder, '_headers'), 'utf8') : '';
  const listed = [...headers.matchAll(/^ {2}([\w-]+): (.+)$/gm)];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname.startsWith(PATH) ? pathname.slice(PATH.length) || 'index.html' : '';
    const file = join(folder, normalize(`/${decodeURIComponent(name)}`));
    for (const [, header, value] of listed) response.setHeader(header, value);
    const info = name ? await stat(file).catch(() => null) : null;
    if (!info?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': info.size,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}${PATH}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
