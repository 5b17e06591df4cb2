// What start.js has asked the server already, before the app had come.
declare global {
  var salusMe: Promise<Response> | undefined;
}

/** The answer that is under way, once; afterwards, and without one, the server is asked. */
export function askedEarly(): typeof fetch {
  const answer = globalThis.salusMe;
  globalThis.salusMe = undefined;
  return answer ? () => answer : (...request) => fetch(...request);
}
