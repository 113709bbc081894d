/**
 * Plants one bug at a time into a copy of the compiled sources and runs the test that must notice.
 * Nothing in src knows of it.
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PlantedBug {
  readonly name: string;
  /** Compiled, below the output folder. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** A compiled test file, below the output folder. */
  readonly test: string;
  /** The name, or the beginning of it, of the test that must fail. */
  readonly expects: string;
}

export interface PlantedResult {
  readonly bug: PlantedBug;
  /** Null when the bug was caught; else what went wrong. */
  readonly problem: string | null;
  readonly seconds: number;
}

interface TestRun {
  readonly failed: boolean;
  readonly output: string;
}

/** The output folder that this file was compiled into. */
const outputFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const testSeconds = 240;

export class Plantation {
  readonly #root: string;
  readonly #output: string;
  /** Tests that pass without a bug. */
  readonly #sound = new Set<string>();

  /** Copies what is compiled into a temporary folder. */
  constructor() {
    this.#root = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-planted-'));
    this.#output = path.join(this.#root, path.basename(outputFolder));
    const packageRoot = path.dirname(outputFolder);
    for (const part of ['src', 'workers', 'test']) {
      fs.cpSync(path.join(outputFolder, part), path.join(this.#output, part), { recursive: true });
    }
    for (const beside of ['node_modules', 'build', 'prebuilds', 'package.json']) {
      const target = path.join(packageRoot, beside);
      if (fs.existsSync(target)) fs.symlinkSync(target, path.join(this.#root, beside));
    }
  }

  /** Plants the bug, runs its test, and takes the bug out again. */
  async try(bug: PlantedBug): Promise<PlantedResult> {
    const began = performance.now();
    const problem = await this.#problemOf(bug);
    return { bug, problem, seconds: (performance.now() - began) / 1000 };
  }

  /** Removes the copy. */
  remove(): void {
    fs.rmSync(this.#root, { recursive: true, force: true });
  }

  async #problemOf(bug: PlantedBug): Promise<string | null> {
    const file = path.join(this.#output, bug.file);
    const source = fs.readFileSync(file, 'utf8');
    const found = source.split(bug.find).length - 1;
    if (found !== 1) return `its place occurs ${found} times in ${bug.file}`;
    if (!this.#sound.has(bug.test)) {
      const { failed, output } = await this.#run(bug.test);
      if (failed) return `${bug.test} fails without it: ${output.slice(-1500)}`;
      this.#sound.add(bug.test);
    }
    fs.writeFileSync(
      file,
      source.replace(bug.find, () => bug.replace),
    );
    try {
      const { failed, output } = await this.#run(bug.test);
      if (!failed) return `it survived ${bug.test}`;
      if (failuresIn(output).some((name) => name.startsWith(bug.expects))) return null;
      return `${bug.test} failed, but not "${bug.expects}": ${output.slice(-1500)}`;
    } finally {
      fs.writeFileSync(file, source);
    }
  }

  #run(test: string): Promise<TestRun> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [path.join(this.#output, test)], {
        cwd: this.#root,
        timeout: testSeconds * 1000,
        killSignal: 'SIGKILL',
      });
      let output = '';
      child.stdout.on('data', (text) => (output += text));
      child.stderr.on('data', (text) => (output += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ failed: code !== 0, output }));
    });
  }
}

/** Names of failed tests in uvu's output: `FAIL  "name"`, perhaps with a suite before it. */
function failuresIn(output: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: uvu colours its output
  const plain = output.replaceAll(/\u001b\[\d+m/g, '');
  return [...plain.matchAll(/FAIL .*?"(.*)"/g)].map((match) => match[1] ?? '');
}
