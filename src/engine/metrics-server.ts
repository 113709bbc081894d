/**
 * The optional port for Prometheus and probes: GET /metrics, /livez, /readyz.
 *
 * It listens on 127.0.0.1 unless told otherwise, has no authentication, and serves nothing else.
 * Connections, headers and waiting are bounded; it never keeps a process alive by itself.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf, messageOf, must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';

export interface MetricsServerOptions {
  /** 0 lets the system choose; see `port` of the result. */
  readonly port: number;
  readonly host?: string;
  readonly metricsText: () => Promise<string>;
  readonly contentType: string;
  /** Null while requests can be served, or why they cannot. */
  readonly notReadyBecause: () => string | null;
}

export interface MetricsServer {
  readonly host: string;
  readonly port: number;
  /** Answers what was asked already, and resolves when the port is free again. */
  close(): Promise<void>;
}

const defaultHost = '127.0.0.1';
const plainText = 'text/plain; charset=utf-8';

/** THEMIS_PORT_UNAVAILABLE when the port is taken, not permitted or the host is not ours. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const host = options.host ?? defaultHost;
  const server = createServer({
    headersTimeout: limits.metricClientMs,
    requestTimeout: limits.metricClientMs,
    keepAliveTimeout: limits.metricClientMs,
    connectionsCheckingInterval: limits.metricClientMs,
  });
  server.maxConnections = limits.metricConnectionsMax;
  server.setTimeout(limits.metricClientMs);
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', (request, response) => {
    silent.delete(request.socket);
    void answer(options, request, response);
  });
  await listen(server, host, options.port);
  server.unref();
  const address = must(server.address(), 'a listening server has an address');
  const port = typeof address === 'string' ? options.port : address.port;
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= closed(server, silent);
    return closing;
  };
  return { host, port, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(unavailable(host, port, error)));
    server.listen(port, host, resolve);
  });
}

function unavailable(host: string, port: number, error: Error): ThemisError {
  const taken = codeOf(error) === 'EADDRINUSE';
  const what = taken ? 'is in use by another process' : `cannot be listened on (${error.message})`;
  const message = `Metrics port ${host}:${port} ${what}; choose another port or host, or none.`;
  return new ThemisError('THEMIS_PORT_UNAVAILABLE', message, error);
}

/** Connections that asked nothing yet are ended at once; the others get their answer. */
function closed(server: Server, silent: Iterable<Socket>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    for (const socket of silent) socket.destroy();
  });
}

async function answer(
  options: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // One answer a connection: scrapes are seconds apart, and closing has nothing to wait for.
  response.shouldKeepAlive = false;
  try {
    const { status, type, body } = await reply(options, request);
    if (status === 405) response.setHeader('Allow', 'GET, HEAD');
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  } catch (error) {
    const body = `The metrics could not be read: ${messageOf(error)}\n`;
    response.writeHead(500, { 'Content-Type': plainText }).end(body);
  }
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function reply(options: MetricsServerOptions, request: IncomingMessage): Promise<Reply> {
  const text = (status: number, body: string): Reply => ({ status, type: plainText, body });
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'Use GET.\n');
  const path = (request.url ?? '').split('?', 1)[0];
  switch (path) {
    case '/metrics':
      return { status: 200, type: options.contentType, body: await options.metricsText() };
    case '/livez':
      return text(200, 'ok\n');
    case '/readyz': {
      const reason = options.notReadyBecause();
      return reason === null ? text(200, 'ok\n') : text(503, `${reason}\n`);
    }
    default:
      return text(404, 'Not here. There are /metrics, /livez and /readyz.\n');
  }
}
