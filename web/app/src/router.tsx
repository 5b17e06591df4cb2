import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  useRouterState,
} from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { AppLock } from "./components/shell/AppLock";
import { AppShell } from "./components/shell/AppShell";
import { ForVisitors } from "./components/shell/ForVisitors";
import { Loading } from "./components/shell/Loading";
import { OpenShell } from "./components/shell/OpenShell";
import { Outside } from "./components/shell/Outside";
import { Root } from "./components/shell/Root";
import { HelpPage } from "./features/crisis/HelpPage";
import { Login } from "./features/identity/Login";
import { useSession } from "./features/identity/session";
import { Welcome } from "./features/identity/Welcome";
import { Waiting } from "./features/journal/Waiting";
import { adminRoutes } from "./features/operations/routes";
import { careRoutes } from "./features/wellbeing/routes";
import { withWords } from "./i18n";

const root = createRootRoute({ component: Root, notFoundComponent: () => <Navigate to="/" /> });

const at = <P extends string>(path: P, component: () => ReactNode) =>
  createRoute({ getParentRoute: () => root, path, component });

const help = at("/help-now", HelpPage);
const welcome = at("/welcome", () => (
  <ForVisitors>
    <Welcome />
  </ForVisitors>
));
const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  // Only a place in this app: an address of someone else in a link must lead nowhere.
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" && /^\/(?!\/|\\)/.test(search.next)
      ? { next: search.next }
      : {},
  component: () => (
    <ForVisitors>
      <Login />
    </ForVisitors>
  ),
});
const registering = lazyRouteComponent(
  withWords(() => import("./features/identity/RegisterRoutes")),
  "RegisterRoute",
);
const setup = lazyRouteComponent(
  withWords(() => import("./features/identity/RegisterRoutes")),
  "SetupRoute",
);
const back = createRoute({
  getParentRoute: () => root,
  path: "/login/return/$provider",
  component: lazyRouteComponent(
    withWords(() => import("./features/identity/ProviderReturn")),
    "ProviderReturn",
  ),
});
const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  component: registering,
});
const setUp = createRoute({ getParentRoute: () => root, path: "/setup", component: setup });
const letters = withWords(() => import("./features/identity/Letters"));
const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
  component: lazyRouteComponent(letters, "ForgotPassword"),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  component: lazyRouteComponent(letters, "ResetPassword"),
});
const verify = createRoute({
  getParentRoute: () => root,
  path: "/verify-email",
  component: lazyRouteComponent(letters, "VerifyEmail"),
});
const scope = createRoute({
  getParentRoute: () => root,
  path: "/emergency",
  component: lazyRouteComponent(
    withWords(() => import("./features/consent/emergency/ScopePage")),
    "ScopePage",
  ),
});
const design = createRoute({
  getParentRoute: () => root,
  path: "/design",
  component: lazyRouteComponent(() => import("./design/DesignPage"), "DesignPage"),
});

const app = createRoute({ getParentRoute: () => root, id: "app", component: ForPeople });
// Asked for while the server says who this is, so nobody waits for one after the other.
const today = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("./features/journal/Today"), "Today"),
});
const journal = createRoute({
  getParentRoute: () => app,
  path: "/journal",
  component: lazyRouteComponent(() => import("./features/journal/JournalList"), "JournalList"),
});
const entry = createRoute({
  getParentRoute: () => app,
  path: "/journal/$id",
  component: lazyRouteComponent(() => import("./features/journal/Editor"), "Editor"),
});
const chatPage = lazyRouteComponent(
  withWords(() => import("./features/companion/ChatPage")),
  "ChatPage",
);
const chat = createRoute({ getParentRoute: () => app, path: "/chat", component: chatPage });
const begin = createRoute({ getParentRoute: () => chat, path: "/" });
const conversation = createRoute({ getParentRoute: () => chat, path: "$id" });
const insights = createRoute({
  getParentRoute: () => app,
  path: "/insights",
  component: lazyRouteComponent(
    withWords(() => import("./features/journal/insights/Insights")),
    "Insights",
  ),
});
const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  component: lazyRouteComponent(
    withWords(() => import("./features/identity/Account")),
    "Account",
  ),
});
const pages = withWords(() => import("./features/identity/AccountPages"));
const aboutYou = createRoute({
  getParentRoute: () => account,
  path: "/",
  component: lazyRouteComponent(pages, "AboutYou"),
});
const security = createRoute({
  getParentRoute: () => account,
  path: "security",
  component: lazyRouteComponent(pages, "Security"),
});
const yourData = createRoute({
  getParentRoute: () => account,
  path: "data",
  component: lazyRouteComponent(pages, "YourData"),
});
const emergency = createRoute({
  getParentRoute: () => account,
  path: "emergency",
  component: lazyRouteComponent(
    withWords(() => import("./features/consent/emergency/EmergencyPages")),
    "EmergencyPages",
  ),
});
const programs = createRoute({
  getParentRoute: () => account,
  path: "programs",
  component: lazyRouteComponent(
    withWords(() => import("./features/companion/keys/Programs")),
    "Programs",
  ),
});
const memory = createRoute({
  getParentRoute: () => account,
  path: "memory",
  component: lazyRouteComponent(
    withWords(() => import("./features/memory/MemoryPage")),
    "MemoryPage",
  ),
});
const human = createRoute({
  getParentRoute: () => app,
  path: "/human",
  component: lazyRouteComponent(
    withWords(() => import("./features/crisis/HumanPage")),
    "HumanPage",
  ),
});
const team = createRoute({
  getParentRoute: () => app,
  path: "/team",
  component: lazyRouteComponent(
    withWords(() => import("./features/crisis/team/Team")),
    "Team",
  ),
});
const queue = createRoute({
  getParentRoute: () => team,
  path: "/",
  component: lazyRouteComponent(
    withWords(() => import("./features/crisis/team/Queue")),
    "Queue",
  ),
});
const crisisCase = createRoute({
  getParentRoute: () => team,
  path: "$id",
  component: lazyRouteComponent(
    withWords(() => import("./features/crisis/team/CasePage")),
    "CasePage",
  ),
});
const override = createRoute({
  getParentRoute: () => team,
  path: "emergency",
  validateSearch: (search: Record<string, unknown>): { person?: string } =>
    typeof search.person === "string" ? { person: search.person } : {},
  component: lazyRouteComponent(
    withWords(() => import("./features/crisis/team/OverridePage")),
    "OverridePage",
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    help,
    welcome,
    login,
    back,
    register,
    setUp,
    forgot,
    reset,
    verify,
    scope,
    design,
    app.addChildren([
      today,
      chat.addChildren([begin, conversation]),
      journal,
      entry,
      ...careRoutes(app),
      insights,
      account.addChildren([aboutYou, security, yourData, memory, emergency, programs]),
      adminRoutes(app),
      team.addChildren([queue, crisisCase, override]),
      human,
    ]),
  ]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

// The exercises are for everybody, and the plan has a copy on the device of whoever wished that.
const OPEN = /^\/care\/(skills|plan)(\/(?!edit)|$)/;

function ForPeople() {
  const { state } = useSession();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  if (state.status === "loading") return <Loading />;
  if (state.status !== "in" && OPEN.test(path)) return <OpenShell />;
  if (state.status === "unreachable") return <Outside />;
  if (state.status === "out") return <ToLogin />;
  return (
    <AppLock>
      <Waiting />
      <AppShell />
    </AppLock>
  );
}

// Where the person wanted to be is read once: while this navigates, the address changes already.
function ToLogin() {
  const [from] = useState(() => router.state.location.pathname);
  return from === "/" ? (
    <Navigate to="/welcome" replace />
  ) : (
    <Navigate to="/login" search={{ next: from }} replace />
  );
}
