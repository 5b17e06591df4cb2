import { Link } from "@tanstack/react-router";
import { Icon, type IconName } from "../../../components/ui/Icon";
import { t } from "../../../i18n/wellbeing";

interface Props {
  skill: {
    id: string;
    title: string;
    purpose: string;
    minutes: number;
    family: string;
    language: string;
  };
}

// The icon tells what kind of thing it is before the first word is read.
const ICONS: Record<string, IconName> = {
  breathing: "leaf",
  grounding: "today",
  distress_tolerance: "shield",
  emotion_regulation: "help",
  cbt: "pencil",
  mindfulness: "eye",
  interpersonal: "people",
  sleep: "moon",
  safety: "lock",
};

export function SkillRow({ skill }: Props) {
  return (
    <Link
      to="/care/skills/$name"
      params={{ name: skill.id }}
      className="flex items-center gap-4 px-4 py-3 transition-colors hover:bg-sunken"
    >
      <span className="grid size-10 shrink-0 place-items-center rounded-full bg-brand-soft text-brand">
        <Icon name={ICONS[skill.family] ?? "leaf"} />
      </span>
      <span className="min-w-0 flex-1" lang={skill.language}>
        <span className="block font-semibold">{skill.title}</span>
        <span className="line-clamp-2 text-soft">{skill.purpose}</span>
      </span>
      <span className="shrink-0 text-soft text-sm tabular-nums">
        {t("skills.min", { count: skill.minutes })}
      </span>
    </Link>
  );
}
