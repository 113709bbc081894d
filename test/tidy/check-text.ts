/** Checks on the text of files: banned words, header comments, what an index may hold. */
import { lineAt, type SourceFile, type Tree, typeScriptBelow } from './tree.js';

interface Ban {
  readonly pattern: RegExp;
  readonly say: string;
  /** Where the ban holds; everywhere by default. */
  readonly holds?: (path: string) => boolean;
  readonly within?: 'code' | 'comments';
  /** A comment on the line, or on the one above, makes it good. */
  readonly unlessCommented?: boolean;
}

const inProduct = (path: string): boolean => /^(src|workers)\//.test(path);
const inCommandLine = (path: string): boolean => path.startsWith('src/admin/cli/');
const outsideIo = (path: string): boolean => inProduct(path) && !path.startsWith('src/io/');

const bans: readonly Ban[] = [
  { pattern: /(?<![.\w$])any\b(?!\s*[(:])/g, say: '`any`; use `unknown` and narrow it' },
  { pattern: /[\w$)\]]!(?![=\w])/g, say: 'a non-null `!`; use must() from base' },
  { pattern: /\bas unknown as\b/g, say: '`as unknown as`; check the type instead' },
  {
    pattern: /@ts-(?:ignore|expect-error|nocheck)/g,
    say: 'a suppressed error',
    within: 'comments',
  },
  { pattern: /\b(?:FIXME|TODO|XXX)\b/g, say: 'unfinished work', within: 'comments' },
  { pattern: /\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/g, say: 'an empty catch; handle or rethrow' },
  {
    pattern: /\.catch\(\s*(?:\(\w*\)|\w+)\s*=>\s*\{\s*\}\s*\)/g,
    say: 'an empty catch; handle or rethrow',
  },
  {
    pattern: /\.catch\(\s*(?:\(\w*\)|\w+)\s*=>\s*(?:undefined|null)\s*\)/g,
    say: 'a dropped rejection; say beside it who takes it up',
    unlessCommented: true,
  },
  { pattern: /\bexport default\b/g, say: 'a default export; name it' },
  {
    pattern: /\bnew Error\(/g,
    say: '`new Error(`; raise a ThemisError with a code',
    holds: (path) => inProduct(path) && path !== 'src/base/errors.ts',
  },
  { pattern: /\bDate\.now\(|\bnew Date\(\)/g, say: 'wall time; use io’s Clock', holds: outsideIo },
  { pattern: /\bMath\.random\(/g, say: '`Math.random(`; use io’s Random', holds: outsideIo },
  {
    pattern: /(?<![.\w])set(?:Timeout|Interval)\(/g,
    say: 'a timer; use io’s Timers',
    holds: outsideIo,
  },
  {
    pattern: /\bprocess\.hrtime\b|\bperformance\.now\(/g,
    say: 'a clock; use io’s Clock',
    holds: outsideIo,
  },
  {
    pattern: /\bconsole\./g,
    say: '`console`; only the command line prints',
    holds: (path) => inProduct(path) && !inCommandLine(path),
  },
  {
    pattern: /\bprocess\.env\b/g,
    say: '`process.env`; read it in config',
    holds: (path) => inProduct(path) && !inCommandLine(path) && !path.startsWith('src/config/'),
  },
];

export function checkBanned(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of typeScriptBelow(tree, 'src/', 'workers/', 'bench/', 'test/')) {
    for (const ban of bans) {
      if (ban.holds !== undefined && !ban.holds(file.path)) continue;
      for (const match of file[ban.within ?? 'code'].matchAll(ban.pattern)) {
        const line = lineAt(file.text, match.index);
        if (ban.unlessCommented && isCommented(file, line)) continue;
        problems.push(`${file.path}:${line}: ${ban.say}`);
      }
    }
    if (outsideIo(file.path)) problems.push(...fileSystemImports(file));
  }
  return problems;
}

function isCommented(file: SourceFile, line: number): boolean {
  const around = file.comments.split('\n').slice(Math.max(0, line - 2), line);
  return around.some((text) => text.trim() !== '');
}

function fileSystemImports(file: SourceFile): string[] {
  return file.imports
    .filter(({ specifier }) => /^(?:node:)?fs(?:\/promises)?$/.test(specifier))
    .map(({ position }) => {
      return `${file.path}:${lineAt(file.text, position)}: the file system; use io’s FileSystem`;
    });
}

/** Every file says what it is before its first line of code. */
export function checkHeaders(tree: Tree): string[] {
  return [...typeScriptBelow(tree, 'src/', 'workers/', 'bench/', 'test/'), ...nativeFiles(tree)]
    .filter((file) => firstOf(file.comments) > firstOf(file.code))
    .map((file) => `${file.path}: opens without a comment that says what it is`);
}

function nativeFiles(tree: Tree): SourceFile[] {
  return [...tree.values()].filter((file) => /^native\/.*\.(cc|h)$/.test(file.path));
}

/** The first position where a statement or a comment stands; imports may come before it. */
function firstOf(masked: string): number {
  const found = withoutImports(masked).search(/\S/);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
}

/** Blanks leading imports and includes: a header below them still comes before the code. */
function withoutImports(masked: string): string {
  const blank = (text: string): string => text.replace(/\S/g, ' ');
  return masked.replace(/^(?:\s*(?:import\b[^;]*;|#\s*(?:include|pragma)[^\n]*\n))+/, blank);
}

/** An index is a list: a header, then named re-exports and nothing else. */
export function checkIndexes(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of typeScriptBelow(tree, 'src/')) {
    if (!/^src\/(?:[\w-]+\/)?index\.ts$/.test(file.path)) continue;
    if (/\bexport\s+\*/.test(file.code)) problems.push(`${file.path}: \`export *\`; name each`);
    const rest = file.code
      .replace(/\bexport\s+(?:type\s+)?(?:\{[^}]*\}|\*\s+as\s+\w+|\*)\s+from\s*'\s*';/g, '')
      .trim();
    if (rest !== '')
      problems.push(`${file.path}: holds more than re-exports: ${rest.slice(0, 40)}`);
    if (file.path !== 'src/index.ts' && !/^\s*\/\*\*/.test(file.text)) {
      problems.push(`${file.path}: opens without the contract of the layer`);
    }
  }
  return problems;
}
