/** The two words that the threads of wake-up.ts and wake-up-thread.ts share. */
export const wakeUpWords = { ping: 0, pong: 1 } as const;
