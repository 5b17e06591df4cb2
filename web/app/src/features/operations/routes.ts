// The pages of whoever looks after the server, each loaded when it is wanted.
import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { withWords } from "../../i18n";

export function adminRoutes<App extends AnyRoute>(app: App) {
  const admin = createRoute({
    getParentRoute: () => app,
    path: "/admin",
    component: lazyRouteComponent(
      withWords(() => import("../identity/admin/Admin")),
      "Admin",
    ),
  });
  const people = createRoute({
    getParentRoute: () => admin,
    path: "/",
    component: lazyRouteComponent(
      withWords(() => import("../identity/admin/People")),
      "People",
    ),
  });
  const invites = createRoute({
    getParentRoute: () => admin,
    path: "invites",
    component: lazyRouteComponent(
      withWords(() => import("../identity/admin/Invites")),
      "Invites",
    ),
  });
  const usage = createRoute({
    getParentRoute: () => admin,
    path: "usage",
    component: lazyRouteComponent(
      withWords(() => import("../companion/UsagePage")),
      "UsagePage",
    ),
  });
  const models = createRoute({
    getParentRoute: () => admin,
    path: "models",
    component: lazyRouteComponent(
      withWords(() => import("./ProvidersPage")),
      "ProvidersPage",
    ),
  });
  const tools = createRoute({
    getParentRoute: () => admin,
    path: "tools",
    component: lazyRouteComponent(
      withWords(() => import("./mcp/ServersPage")),
      "ServersPage",
    ),
  });
  const crisisLines = createRoute({
    getParentRoute: () => admin,
    path: "lines",
    component: lazyRouteComponent(
      withWords(() => import("../crisis/admin/LinesPage")),
      "LinesPage",
    ),
  });
  const audit = createRoute({
    getParentRoute: () => admin,
    path: "audit",
    component: lazyRouteComponent(
      withWords(() => import("../audit/AuditPage")),
      "AuditPage",
    ),
  });
  const system = createRoute({
    getParentRoute: () => admin,
    path: "system",
    component: lazyRouteComponent(
      withWords(() => import("./SystemPage")),
      "SystemPage",
    ),
  });
  const emergencies = createRoute({
    getParentRoute: () => admin,
    path: "emergencies",
    component: lazyRouteComponent(
      withWords(() => import("../consent/emergency/Reviews")),
      "Reviews",
    ),
  });
  const report = createRoute({
    getParentRoute: () => admin,
    path: "report",
    component: lazyRouteComponent(
      withWords(() => import("../crisis/team/Report")),
      "Report",
    ),
  });
  return admin.addChildren([
    people,
    invites,
    usage,
    models,
    tools,
    crisisLines,
    audit,
    emergencies,
    report,
    system,
  ]);
}
