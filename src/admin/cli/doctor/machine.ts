/** The doctor's look at the machine: Node.js, processors, memory, thread pool, kernel. */
import { availableParallelism, totalmem } from 'node:os';
import { GiB } from '../../../base/index.js';
import { loadCodingKernel, loadKernel } from '../../../kernel/index.js';
import type { CommandContext } from '../command.js';
import { bytesText, plural } from '../units-text.js';
import { type Finding, fail, good, warn } from './finding.js';

/** The oldest Node.js that package.json allows. */
const nodeMajorMin = 20;
const nodeMinorMin = 19;
const memoryBytesWarn = 1 * GiB;
const uvThreadsDefault = 4;

export function examineMachine(context: CommandContext): Finding[] {
  const { env } = context.environment;
  return [
    nodeFinding(process.versions.node),
    platformFinding(process.platform, process.arch),
    processorFinding(availableParallelism()),
    memoryFinding(Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)),
    threadPoolFinding(env['UV_THREADPOOL_SIZE'], availableParallelism()),
    kernelFinding(context.settings.text('kernel')),
    coderFinding(context.settings.text('coder')),
  ];
}

/** Which kernel is active, and why not a better one. */
function kernelFinding(force: string | null): Finding {
  const { kernel, reason } = loadKernel({ force: force ?? undefined });
  if (kernel.name.startsWith('addon/')) return good('kernel', reason);
  return warn('kernel', reason, 'checksums take more time; install a C++ compiler and run npm ci');
}

/** Which coder cuts large values into fragments, and why not a better one. */
function coderFinding(force: string | null): Finding {
  const { kernel, reason } = loadCodingKernel({ force: force ?? undefined });
  if (kernel.name.startsWith('addon/')) return good('coder', reason);
  const advice = 'large values take more time; install a C++ compiler and run npm ci';
  return warn('coder', reason, advice);
}

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > nodeMajorMin || (major === nodeMajorMin && minor >= nodeMinorMin);
  if (isEnough) return good('Node.js', `v${version}`);
  const wanted = `v${nodeMajorMin}.${nodeMinorMin}`;
  return fail('Node.js', `v${version}`, `Themis needs ${wanted} or newer; upgrade`);
}

export function platformFinding(platform: string, arch: string): Finding {
  const text = `${platform} ${arch}`;
  if (platform === 'win32') {
    return warn('platform', text, 'folders cannot be synced on Windows; use it for development');
  }
  return good('platform', text);
}

export function processorFinding(count: number): Finding {
  const text = `${plural(count, 'processor')} for this process`;
  if (count > 1) return good('processors', text);
  return warn('processors', text, 'log and state threads take turns with your code; give it two');
}

export function memoryFinding(bytes: number): Finding {
  const text = `${bytesText(bytes)} for this process`;
  if (bytes >= memoryBytesWarn) return good('memory', text);
  return warn('memory', text, 'the ring and the caches want 256 MiB; 1 GiB is comfortable');
}

/** LevelDB's reads run in libuv's pool; it cannot grow after the process has started. */
export function threadPoolFinding(setting: string | undefined, processors: number): Finding {
  const threads = setting === undefined ? uvThreadsDefault : Number(setting);
  const text = `libuv has ${plural(threads, 'thread')} for asynchronous reads`;
  if (!(threads >= 1)) {
    return fail('thread pool', `UV_THREADPOOL_SIZE is "${setting}"`, 'set it to a number from 4');
  }
  if (threads >= Math.min(processors, uvThreadsDefault)) return good('thread pool', text);
  return warn('thread pool', text, 'set UV_THREADPOOL_SIZE to the number of processors or more');
}
