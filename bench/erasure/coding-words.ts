/** Words that coding threads and the thread that measures them share. */
export const codingWords = { ready: 0, go: 1, stop: 2, count: 3 } as const;
