import "./styles.css";
import { ApiFailure } from "@salus/api-client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { SessionProvider } from "./features/identity/session";
import { load } from "./i18n";
import { applyPrefs, getPrefs, usePrefs } from "./lib/prefs";
import { router } from "./router";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the server said is no accident; a lost connection may be.
      retry: (count, error) => count < 2 && error instanceof ApiFailure && error.isOffline,
    },
    // Without a network a check-in is kept here, so it must be tried at once.
    mutations: { networkMode: "always" },
  },
});

// Another language is on every screen at once, so all of it is drawn anew.
function Pages() {
  const { locale } = usePrefs();
  return <RouterProvider key={locale} router={router} />;
}

async function start(): Promise<void> {
  applyPrefs();
  await load(getPrefs().locale);
  const root = document.getElementById("root");
  if (!root) return;
  // Drawn in small steps, so that a slow processor still answers a tap in between.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <SessionProvider>
            <Pages />
          </SessionProvider>
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}

void start();
