import { Link } from "@tanstack/react-router";
import { Icon } from "../../components/ui/Icon";
import { currentLocale } from "../../i18n";
import { t } from "../../i18n/wellbeing";
import { allSkills, named } from "./skills/library";

// The exercise that an answer of the companion names, one tap away with its timer.
export default function Mentioned({ text }: { text: string }) {
  const skill = named(text, allSkills(currentLocale())) ?? named(text, allSkills("en"));
  if (!skill) return null;
  return (
    <Link
      to="/care/skills/$name"
      params={{ name: skill.id }}
      className="mt-3 flex max-w-md items-center gap-3 rounded-card border border-line bg-surface p-3 transition-colors hover:border-brand"
    >
      <span className="grid size-10 shrink-0 place-items-center rounded-full bg-brand-soft text-brand">
        <Icon name="leaf" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-semibold" lang={skill.language}>
          {skill.title}
        </span>
        <span className="block text-soft text-sm">{t("mentioned.open")}</span>
      </span>
      <Icon name="chevron" className="size-5 text-brand" />
    </Link>
  );
}
