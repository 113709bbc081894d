/** Checks on the papers around the code: layer map, links, formats, the package's file list. */
import { dirname, join } from 'node:path/posix';
import { layers, printLayerMap } from './layers.js';
import type { Tree } from './tree.js';

const mapBlock = /<!-- layers -->\n```text\n([\s\S]*?)\n```/;

export function checkLayerMap(tree: Tree): string[] {
  const exists = (folder: string): boolean => hasBelow(tree, `src/${folder}/`);
  const expected = printLayerMap(exists);
  const written = mapBlock.exec(tree.get('README.md')?.text ?? '')?.[1];
  const problems = written === expected ? [] : [`README.md: the layer map must be\n${expected}`];
  const known = new Set(layers.flat().map((layer) => layer.folder));
  for (const path of tree.keys()) {
    const folder = /^src\/([\w-]+)\//.exec(path)?.[1];
    if (folder === undefined || known.has(folder)) continue;
    known.add(folder);
    problems.push(`src/${folder}: has no line in test/tidy/layers.ts`);
  }
  return problems;
}

/** Links between the repository's own files; the anchor must be a heading of the target. */
export function checkLinks(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of tree.values()) {
    if (!file.path.endsWith('.md')) continue;
    for (const match of file.text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)) {
      const [link = '', anchor] = (match[1] as string).split('#');
      const target = link === '' ? file.path : join(dirname(file.path), link);
      if (!tree.has(target) && !hasBelow(tree, `${target.replace(/\/$/, '')}/`)) {
        problems.push(`${file.path}: the link ${match[1]} leads nowhere`);
      } else if (anchor !== undefined && !headings(tree.get(target)?.text ?? '').has(anchor)) {
        problems.push(`${file.path}: the link ${match[1]} names no heading`);
      }
    }
  }
  return problems;
}

/** A table or a row of fields, set in: ` *    0     4  length` or ` *   | crc | length |`. */
const drawing = /^ \*\s{3,}(?:\S+\s{2,}\S|\|.*\|)/m;

/** A format is drawn in the header of the file that defines it; its index only points there. */
export function checkFormats(tree: Tree): string[] {
  const problems: string[] = [];
  const index = tree.get('docs/FORMATS.md')?.text ?? '';
  const links = [...index.matchAll(/\]\(\.\.\/(src\/[^)#]*)\)/g)].map(
    (match) => match[1] as string,
  );
  if (links.length === 0) problems.push('docs/FORMATS.md: lists no format');
  for (const path of links) {
    const file = tree.get(path);
    if (file === undefined) continue;
    const header = file.comments.slice(0, 6000);
    if (!drawing.test(header)) problems.push(`${path}: listed as a format, and draws no bytes`);
  }
  return problems;
}

/** What an installed package needs; each must be below an entry of `files`. */
const needed = [
  'dist/src',
  'dist/workers',
  'dist/bench',
  'native',
  'prebuilds',
  'binding.gyp',
  'docs',
  'CHANGELOG.md',
];
/** Made by a build, or by a release; not in the repository. */
const built = /^(?:dist|prebuilds)(?:\/|$)/;

export function checkPackageFiles(tree: Tree): string[] {
  const text = tree.get('package.json')?.text ?? '{}';
  const manifest = JSON.parse(text) as { files?: string[]; bin?: object; exports?: object };
  const files = (manifest.files ?? []).filter((entry) => !entry.startsWith('!'));
  const problems: string[] = [];
  const targets = [...JSON.stringify([manifest.bin, manifest.exports]).matchAll(/"\.\/([^"]+)"/g)]
    .map((match) => match[1] as string)
    .filter((path) => path !== 'package.json');
  for (const path of [...needed, ...targets]) {
    const covered = files.some((entry) => path === entry || path.startsWith(`${entry}/`));
    if (!covered) problems.push(`package.json: \`files\` leaves out ${path}`);
  }
  for (const entry of files) {
    const pattern = entry.includes('*') ? entry.slice(0, entry.indexOf('*')) : entry;
    const exists = built.test(entry) || tree.has(entry) || hasBelow(tree, pattern);
    if (!exists) problems.push(`package.json: \`files\` names ${entry}, which does not exist`);
  }
  return problems;
}

function hasBelow(tree: Tree, prefix: string): boolean {
  return [...tree.keys()].some((path) => path.startsWith(prefix));
}

/** The anchors of a Markdown file, as GitHub derives them. */
function headings(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
      (match[1] as string)
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replace(/ /g, '-'),
    ),
  );
}
