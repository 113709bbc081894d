/** CRC32C, tier by tier, against aws-crt where it is installed; measured by bench/kernel. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ThemisError } from '../../src/base/index.js';
import { packageRoot, type Row } from '../harness/index.js';
import { benchCrc32c, type Crc32cPeer, type Crc32cRow } from '../kernel/index.js';

export interface ChecksumOptions {
  /** Time for each size, contestant and round together. */
  readonly seconds: number;
  readonly rounds: number;
  readonly withPeers: boolean;
}

export interface ChecksumResult {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

export async function runChecksums(options: ChecksumOptions): Promise<ChecksumResult> {
  const lines: string[] = [];
  const measured = await benchCrc32c({
    seconds: options.seconds,
    rounds: options.rounds,
    peers: options.withPeers ? [loadAwsCrt] : [],
    report: (line) => lines.push(line),
  });
  const skipped = lines.filter((line) => line.includes('skipped'));
  const notes = skipped.map(
    () => 'aws-crt skipped: not installed; npm run bench:peers installs it',
  );
  return { rows: measured.map((row) => rowOf(row, measured)), notes };
}

async function loadAwsCrt(): Promise<Crc32cPeer> {
  const file = path.join(packageRoot(), 'bench', 'peers', 'aws-crt.mjs');
  const module: unknown = await import(pathToFileURL(file).href);
  if (isChecksumPeer(module)) return module;
  throw new ThemisError('THEMIS_USAGE', `${file} exports no crc32c(bytes, seed)`);
}

function isChecksumPeer(module: unknown): module is Crc32cPeer {
  return (
    typeof module === 'object' &&
    module !== null &&
    typeof Reflect.get(module, 'crc32c') === 'function' &&
    typeof Reflect.get(module, 'name') === 'string'
  );
}

/** The subject of ratios is the first contestant: the best tier that runs here. */
function rowOf(row: Crc32cRow, all: readonly Crc32cRow[]): Row {
  const subject = all.find((other) => other.bytes === row.bytes) ?? row;
  const us = row.nsPerCall / 1000;
  const perSecond = 1e9 / row.nsPerCall;
  return {
    workload: 'crc32c',
    contestant: row.contestant,
    durability: 'memory',
    parameters: { bytes: row.bytes },
    bytesPerOperation: row.bytes,
    result: {
      operations: 1,
      elapsedMs: us / 1000,
      perSecond,
      p50Us: us,
      p90Us: Number.NaN,
      p99Us: Number.NaN,
      p999Us: Number.NaN,
      maxUs: row.nsSlowest / 1000,
      cpuUsPerOperation: us,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
      otherCores: null,
      hash: row.crc,
      eventLoop: null,
      intervals: [],
    },
    perSecond: [perSecond],
    spread: (row.nsSlowest - row.nsFastest) / row.nsPerCall,
    subjectRatio: row === subject ? null : row.nsPerCall / subject.nsPerCall,
    subjectP50Ratio: row === subject ? null : subject.nsPerCall / row.nsPerCall,
  };
}
