// A provider of log-ins that was certified by the OpenID Foundation, with the pages that it has for
// people who try it out.
import { createServer } from "node:http";
import Provider from "oidc-provider";

export const CLIENT = "salus";
export const SECRET = "a secret that nobody needs to keep";

// Listens first and says where, so that a program can be told; who may be sent back where is said
// afterwards.
export async function startProvider() {
  let answer = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    knows(redirects) {
      answer = provider(url, redirects).callback();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function provider(url, redirects) {
  const client = { client_id: CLIENT, client_secret: SECRET, redirect_uris: redirects };
  return new Provider(url, {
    clients: [client],
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // As Google does it: what is asked for by scope stands in the token itself.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, email: `${sub}@example.org`, email_verified: true }),
    }),
  });
}

// The pages of the provider: someone logs in and lets the program know who they are.
export async function logInThere(page, name) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
