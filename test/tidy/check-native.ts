/** Checks on the addon: one list of sources in two build files, and a kernel without Node. */
import { lineAt, type Tree } from './tree.js';

/** Sources of the addon, not of its tests and fuzzers. */
function isAddonSource(path: string): boolean {
  return /^native\/(?!test\/|fuzz\/|bench\/).*\.(cc|cpp|c)$/.test(path);
}

export function checkNativeSources(tree: Tree): string[] {
  const gyp = namesIn(tree.get('binding.gyp')?.text ?? '', '');
  const cmake = namesIn(tree.get('native/CMakeLists.txt')?.text ?? '', 'native/');
  const present = [...tree.keys()].filter(isAddonSource);
  const problems: string[] = [];
  for (const path of [...new Set([...gyp, ...cmake, ...present])].sort()) {
    if (!present.includes(path)) problems.push(`${path}: listed, but there is no such file`);
    else if (!gyp.has(path)) problems.push(`${path}: not listed in binding.gyp`);
    else if (!cmake.has(path)) problems.push(`${path}: not listed in native/CMakeLists.txt`);
  }
  return problems;
}

function namesIn(text: string, prefix: string): Set<string> {
  const withoutComments = text.replace(/#[^\n]*/g, '');
  const names = [...withoutComments.matchAll(/[\w./-]+\.(?:cc|cpp|c)\b/g)].map(
    (match) => prefix + match[0].replace(/^\.\//, ''),
  );
  return new Set(names.filter(isAddonSource));
}

export function checkKernelIncludes(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of tree.values()) {
    if (!/^native\/kernel\/.*\.(cc|h)$/.test(file.path)) continue;
    for (const match of file.text.matchAll(
      /#\s*include\s*[<"]((?:js_native_api|node_api|napi|node|uv|v8)[^>"]*)[>"]/g,
    )) {
      const line = lineAt(file.text, match.index);
      problems.push(`${file.path}:${line}: includes ${match[1]}; the kernel knows no Node`);
    }
  }
  return problems;
}
