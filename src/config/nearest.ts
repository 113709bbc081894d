/** "Did you mean": the known word nearest to what was typed. */

/** The known word with the fewest edits (at most a third of its letters), or null. */
export function nearestWord(typed: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const edits = editsBetween(typed.toLowerCase(), word.toLowerCase());
    if (edits < bestEdits && edits <= Math.max(1, Math.floor(word.length / 3))) {
      best = word;
      bestEdits = edits;
    }
  }
  return best;
}

/** Levenshtein's distance: letters inserted, deleted or replaced. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replace = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
