/** The metrics port: answers, refusals, a port in use, closing. */
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { type MetricsServerOptions, startMetricsServer } from '../../src/engine/metrics-server.js';

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

function start(options: Partial<MetricsServerOptions> = {}) {
  return startMetricsServer({
    port: 0,
    contentType,
    metricsText: async () => 'themis_build_info 1\n',
    notReadyBecause: () => null,
    ...options,
  });
}

const get = (port: number, path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method });

test('serves metrics and probes, and refuses the rest', async () => {
  let reason: string | null = null;
  const server = await start({ notReadyBecause: () => reason });
  const scrape = await get(server.port, '/metrics?x=1');
  assert.is(scrape.status, 200);
  assert.is(scrape.headers.get('content-type'), contentType);
  assert.is(await scrape.text(), 'themis_build_info 1\n');
  assert.is((await get(server.port, '/livez')).status, 200);
  assert.is((await get(server.port, '/readyz')).status, 200);
  reason = 'recovering';
  const notReady = await get(server.port, '/readyz');
  assert.is(notReady.status, 503);
  assert.is(await notReady.text(), 'recovering\n');
  assert.is((await get(server.port, '/livez')).status, 200, 'alive although not ready');
  assert.is((await get(server.port, '/')).status, 404);
  assert.is((await get(server.port, '/metrics/../etc')).status, 404);
  const post = await get(server.port, '/metrics', 'POST');
  assert.is(post.status, 405);
  assert.is(post.headers.get('allow'), 'GET, HEAD');
  const head = await get(server.port, '/metrics', 'HEAD');
  assert.is(head.status, 200);
  assert.is(await head.text(), '');
  await server.close();
});

test('a scrape that fails is answered with 500 and the reason', async () => {
  const server = await start({ metricsText: async () => Promise.reject(new Error('no arena')) });
  const scrape = await get(server.port, '/metrics');
  assert.is(scrape.status, 500);
  assert.match(await scrape.text(), /no arena/);
  await server.close();
});

test('listens on the loopback address alone unless told otherwise', async () => {
  const server = await start();
  assert.is(server.host, '127.0.0.1');
  await server.close();
});

test('a port in use is a typed error that names it', async () => {
  const first = await start();
  const error = await start({ port: first.port }).then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(isThemisError(error, 'THEMIS_PORT_UNAVAILABLE'));
  assert.ok(error.message.includes(`127.0.0.1:${first.port} is in use`));
  await first.close();
  const again = await start({ port: first.port });
  assert.is(again.port, first.port, 'the port is free after close');
  await again.close();
});

test('a host that is not ours is a typed error', async () => {
  const error = await start({ host: '192.0.2.1' }).then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(isThemisError(error, 'THEMIS_PORT_UNAVAILABLE'));
});

test('close answers the scrape under way, and nothing connects afterwards', async () => {
  let release = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrived = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await start({
    metricsText: async () => {
      arrived();
      await asked;
      return 'late\n';
    },
  });
  const scrape = get(server.port, '/metrics');
  await waiting;
  const closing = server.close();
  assert.is(server.close(), closing);
  release();
  assert.is(await (await scrape).text(), 'late\n');
  await closing;
  const refused = await get(server.port, '/livez').then(
    () => null,
    (error: unknown) => error,
  );
  assert.instance(refused, TypeError);
});

test('connections beyond the limit are dropped, and idle ones do not hold up close', async () => {
  const server = await start();
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => resolve(socket));
      socket.once('error', reject);
    });
  const sockets: Socket[] = [];
  for (let i = 0; i < limits.metricConnectionsMax; i++) sockets.push(await open());
  const refused = await open();
  await new Promise<void>((resolve) => {
    refused.once('close', () => resolve());
    refused.on('error', () => resolve());
    refused.resume();
  });
  await server.close();
  for (const socket of sockets) socket.destroy();
});

test.run();
