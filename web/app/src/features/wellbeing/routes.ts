// The pages of Care, each loaded when it is wanted.
import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { withWords } from "../../i18n";
import { readCareWords } from "./lang";

const withCare = <T>(page: () => Promise<T>) => withWords(page, readCareWords);

export function careRoutes<App extends AnyRoute>(app: App) {
  const care = createRoute({
    getParentRoute: () => app,
    path: "/care",
    component: lazyRouteComponent(
      withCare(() => import("./CarePage")),
      "CarePage",
    ),
  });
  const skills = createRoute({
    getParentRoute: () => app,
    path: "/care/skills",
    component: lazyRouteComponent(
      withCare(() => import("./skills/SkillsPage")),
      "SkillsPage",
    ),
  });
  const skill = createRoute({
    getParentRoute: () => app,
    path: "/care/skills/$name",
    component: lazyRouteComponent(
      withCare(() => import("./skills/SkillPage")),
      "SkillPage",
    ),
  });
  const questionnaires = createRoute({
    getParentRoute: () => app,
    path: "/care/questionnaires",
    component: lazyRouteComponent(
      withCare(() => import("./questionnaires/QuestionnairesPage")),
      "QuestionnairesPage",
    ),
  });
  const questionnaire = createRoute({
    getParentRoute: () => app,
    path: "/care/questionnaires/$name",
    component: lazyRouteComponent(
      withCare(() => import("./questionnaires/QuestionnairePage")),
      "QuestionnairePage",
    ),
  });
  const plan = createRoute({
    getParentRoute: () => app,
    path: "/care/plan",
    component: lazyRouteComponent(
      withCare(() => import("./plan/PlanPage")),
      "PlanPage",
    ),
  });
  const planEdit = createRoute({
    getParentRoute: () => app,
    path: "/care/plan/edit",
    component: lazyRouteComponent(
      withCare(() => import("./plan/PlanEdit")),
      "PlanEdit",
    ),
  });
  const diary = createRoute({
    getParentRoute: () => app,
    path: "/care/diary",
    component: lazyRouteComponent(
      withCare(() => import("./diary/DiaryPage")),
      "DiaryPage",
    ),
  });
  const diaryDay = createRoute({
    getParentRoute: () => app,
    path: "/care/diary/$day",
    component: lazyRouteComponent(
      withCare(() => import("./diary/DiaryDay")),
      "DiaryDay",
    ),
  });
  const chains = createRoute({
    getParentRoute: () => app,
    path: "/care/chains",
    component: lazyRouteComponent(
      withCare(() => import("./chains/ChainsPage")),
      "ChainsPage",
    ),
  });
  const chain = createRoute({
    getParentRoute: () => app,
    path: "/care/chains/$id",
    component: lazyRouteComponent(
      withCare(() => import("./chains/ChainPage")),
      "ChainPage",
    ),
  });
  return [
    care,
    skills,
    skill,
    questionnaires,
    questionnaire,
    plan,
    planEdit,
    diary,
    diaryDay,
    chains,
    chain,
  ] as const;
}
