// A provider of log-ins that was certified by the OpenID Foundation, with the pages that it has for
// people who try it out.
import { createServer } from "node:http";
import Provider from "oidc-provider";

export const CLIENT = "salus";
export const SECRET = "a secret that nobody needs to keep";

// Listens first and says where, so that a program can be told; where that program is, is said
// afterwards.
export async function startProvider() {
  let answer = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    knows(program) {
      answer = provider(url, program).callback();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function provider(url, program) {
  const client = {
    client_id: CLIENT,
    client_secret: SECRET,
    redirect_uris: [`${program}/login/return/clinic`],
    backchannel_logout_uri: `${program}/api/auth/oidc/logout/clinic`,
    backchannel_logout_session_required: true,
  };
  return new Provider(url, {
    clients: [client],
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // As Google does it: what is asked for by scope stands in the token itself.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { backchannelLogout: { enabled: true } },
    // It asks no address of a private network by itself, and the program is on this machine.
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, email: `${sub}@example.org`, email_verified: true }),
    }),
  });
}

// Someone logs out there, and the provider tells the program.
export async function logOutThere(page, url) {
  await page.goto(`${url}/session/end`);
  await page.getByRole("button", { name: "Yes, sign me out" }).click();
  await page.getByText("Sign-out Success").first().waitFor();
}

// The pages of the provider: someone logs in and lets the program know who they are.
export async function logInThere(page, name) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
