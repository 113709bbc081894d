/** Finds the functions of a file in its masked code, with the lines that each spans. */
import { lineAt } from './tree.js';

export interface FunctionSpan {
  readonly firstLine: number;
  readonly lines: number;
  /** Lines that belong to no function inside this one. */
  readonly ownLines: number;
}

const control = /\b(?:if|for|while|switch|catch|with|await)\s*$/;

export function functionsIn(code: string): FunctionSpan[] {
  const spans: { start: number; end: number }[] = [];
  for (let at = code.indexOf('('); at >= 0; at = code.indexOf('(', at + 1)) {
    if (control.test(code.slice(Math.max(0, at - 12), at))) continue;
    const close = matching(code, at);
    const body = close < 0 ? -1 : bodyAfter(code, close + 1);
    if (body >= 0) spans.push({ start: at, end: matching(code, body) });
  }
  for (const match of code.matchAll(/\b\w+\s*=>\s*\{/g)) {
    const body = match.index + match[0].length - 1;
    spans.push({ start: match.index, end: matching(code, body) });
  }
  return spans.map((span) => {
    const inner = spans.filter((other) => other.start > span.start && other.end < span.end);
    const outermost = inner.filter(
      (one) => !inner.some((other) => other.start < one.start && other.end > one.end),
    );
    const lines = linesOf(code, span);
    const nested = outermost.reduce((sum, one) => sum + linesOf(code, one) - 1, 0);
    return { firstLine: lineAt(code, span.start), lines, ownLines: lines - nested };
  });
}

function linesOf(code: string, span: { readonly start: number; readonly end: number }): number {
  return code.slice(span.start, span.end).split('\n').length;
}

/** Where the bracket at `open` closes, or -1. */
function matching(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const char = code[at] as string;
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char) && --depth === 0) return at;
  }
  return -1;
}

/** Where the body of a function begins whose parameters ended before `from`, or -1. */
function bodyAfter(code: string, from: number): number {
  let at = skipBlanks(code, from);
  if (code[at] === ':') at = afterType(code, at + 1);
  if (at < 0) return -1;
  if (code.startsWith('=>', at)) at = skipBlanks(code, at + 2);
  return code[at] === '{' ? at : -1;
}

/** Steps over a return type; stops at `{` of the body or at `=>`; -1 when it was no type. */
function afterType(code: string, from: number): number {
  let at = skipBlanks(code, from);
  let needsType = true;
  for (; at < code.length; at = skipBlanks(code, at)) {
    const char = code[at] as string;
    if (char === '{' && !needsType) return at;
    if (code.startsWith('=>', at)) return at;
    if (char === '{' || char === '[' || char === '(') {
      at = matching(code, at) + 1;
      if (at === 0) return -1;
      needsType = false;
    } else if (char === '<') {
      at = afterAngles(code, at);
      if (at < 0) return -1;
    } else if (char === '|' || char === '&') {
      needsType = true;
      at++;
    } else if (/[\w$.'"`]/.test(char)) {
      const word = /^[\w$.'"`]+/.exec(code.slice(at, at + 200))?.[0] ?? char;
      needsType = /^(?:is|asserts|keyof|typeof|readonly)$/.test(word);
      at += word.length;
    } else return -1;
  }
  return -1;
}

function afterAngles(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '<') depth++;
    if (code[at] === '>' && code[at - 1] !== '=' && --depth === 0) return at + 1;
    if (code[at] === ';') return -1;
  }
  return -1;
}

function skipBlanks(code: string, from: number): number {
  let at = from;
  while (at < code.length && /\s/.test(code[at] as string)) at++;
  return at;
}
