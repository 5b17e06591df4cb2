// Who is logged in, as far as this page knows.
import { ApiFailure, data, type Schemas } from "@salus/api-client";
import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  startTransition,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { api, onExpired, setCsrfToken } from "../../lib/api";
import { askedEarly } from "../../lib/early";
import { forget } from "../../lib/sealed";

export type User = Schemas["UserView"];

type State =
  | { status: "loading" | "out" | "unreachable" }
  | { status: "in"; user: User; expired: boolean };

interface Session {
  state: State;
  user: User | undefined;
  enter: (view: Schemas["LoginView"]) => void;
  leave: (everywhere?: boolean) => Promise<void>;
  gone: () => Promise<void>;
  stepOut: () => void;
  retry: () => void;
}

const Context = createContext<Session | undefined>(undefined);
// One channel, which does not hear itself.
const windows = new BroadcastChannel("salus.session");

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ status: "loading" });
  const queries = useQueryClient();

  const find = useCallback(async () => {
    try {
      const me = await data(api.GET("/api/auth/me", { fetch: askedEarly() }));
      setCsrfToken(me.csrf_token);
      // The whole app is drawn now: in small steps.
      startTransition(() => setState({ status: "in", user: me.user, expired: false }));
    } catch (error) {
      const known = error instanceof ApiFailure && error.status === 401;
      setState({ status: known ? "out" : "unreachable" });
    }
  }, []);

  useEffect(() => {
    void find();
    // Someone has come or gone in another window. What is on the screen is asked for anew, for it
    // may be about somebody else.
    windows.onmessage = () => {
      queries.removeQueries({ type: "inactive" });
      void find().then(() => queries.resetQueries());
    };
    const stop = onExpired(() =>
      setState((now) => (now.status === "in" ? { ...now, expired: true } : now)),
    );
    return () => {
      windows.onmessage = null;
      stop();
    };
  }, [find, queries]);

  const session = useMemo<Session>(() => {
    const user = state.status === "in" ? state.user : undefined;
    const gone = async () => {
      setCsrfToken(undefined);
      if (user) await forget(user.id);
      queries.clear();
      setState({ status: "out" });
      tellOthers();
    };
    return {
      state,
      user,
      gone,
      retry: () => void find(),
      // What is kept on this device stays for the same person's next log-in.
      stepOut() {
        setCsrfToken(undefined);
        queries.clear();
        setState({ status: "out" });
      },
      enter(view) {
        setCsrfToken(view.csrf_token);
        if (user && user.id !== view.user.id) queries.clear();
        setState({ status: "in", user: view.user, expired: false });
        void queries.invalidateQueries();
        tellOthers();
      },
      async leave(everywhere) {
        try {
          await api.POST(everywhere ? "/api/auth/logout-all" : "/api/auth/logout");
        } catch (error) {
          // A log-in that has ended already is what was wanted.
          if (!(error instanceof ApiFailure && error.status === 401)) throw error;
        }
        await gone();
      },
    };
  }, [state, queries, find]);

  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("a screen outside of SessionProvider");
  return session;
}

// The person on a screen that only shows to someone who is logged in.
export function useUser(): User {
  const { user } = useSession();
  if (!user) throw new Error("a screen for people who are logged in");
  return user;
}

function tellOthers(): void {
  windows.postMessage("changed");
}
