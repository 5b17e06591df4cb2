import { useState } from "react";
import { Button } from "../components/ui/Button";
import { Card } from "../components/ui/Card";
import { Field, PasswordField, Select } from "../components/ui/Field";
import { Notice } from "../components/ui/Notice";
import { Toggle } from "../components/ui/Toggle";
import { FacePicker } from "../features/journal/FacePicker";
import type { Level } from "../features/journal/moods";
import { TagPicker } from "../features/journal/TagPicker";

const COLOURS = [
  ["paper", "bg-paper", "the ground"],
  ["surface", "bg-surface", "what lies on it"],
  ["sunken", "bg-sunken", "hover, quiet fill"],
  ["ink", "bg-ink", "text"],
  ["soft", "bg-soft", "second text, 4.5 to 1 at least"],
  ["line", "bg-line", "separates"],
  ["edge", "bg-edge", "bounds controls, 3 to 1"],
  ["brand", "bg-brand", "the one main action"],
  ["brand-soft", "bg-brand-soft", "chosen"],
  ["care", "bg-care", "help, and what cannot be undone"],
  ["care-soft", "bg-care-soft", "problems"],
  ["warn-soft", "bg-warn-soft", "worth a look"],
] as const;

// For whoever works on Salus: every token and every part, in the theme that is on.
export function DesignPage() {
  const [level, setLevel] = useState<Level | undefined>(4);
  const [tags, setTags] = useState(["sleep"]);
  const [on, setOn] = useState(true);
  return (
    <main id="main" className="mx-auto grid max-w-4xl gap-6 px-5 py-10">
      <header>
        <h1 className="text-4xl">Design of Salus</h1>
        <p className="mt-2 max-w-prose text-lg text-soft">
          Calm before clever. One main action on a screen, warm paper instead of white, colour that
          means something, words that blame nobody. Nothing moves unless it helps to see what
          happened.
        </p>
      </header>
      <Card title="Colour">
        <ul className="grid gap-3 sm:grid-cols-3">
          {COLOURS.map(([name, fill, use]) => (
            <li key={name} className="flex items-center gap-3">
              <span className={`size-10 rounded-field border border-line ${fill}`} />
              <span>
                <b className="block font-semibold">{name}</b>
                <span className="text-soft text-sm">{use}</span>
              </span>
            </li>
          ))}
        </ul>
        <p className="mt-4 text-soft">
          Light, dark and high contrast change these tokens in styles.css and nothing else. Moods
          have five colours of their own, always beside a face or a word.
        </p>
      </Card>
      <Card title="Type">
        <p className="font-serif text-4xl">Newsreader for headings</p>
        <p className="font-serif text-2xl">and for what a person writes</p>
        <p className="mt-2 text-lg">Figtree 18 for leads</p>
        <p>Figtree 16 for everything else</p>
        <p className="text-soft text-sm">Figtree 14 for what is second</p>
      </Card>
      <Card title="Space and motion">
        <p>
          Steps of 4 px; 20 to 24 inside cards, 20 between them. Corners 12 for fields, 20 for
          cards, round for actions. Touch targets are 44 px high. Changes take 150 to 350 ms on one
          easing; with “less motion” they are immediate.
        </p>
      </Card>
      <Card title="Actions">
        <div className="flex flex-wrap gap-3">
          <Button kind="primary">Primary</Button>
          <Button>Plain</Button>
          <Button kind="quiet">Quiet</Button>
          <Button kind="danger">Danger</Button>
          <Button kind="care" icon="phone">
            Care
          </Button>
          <Button kind="primary" busy>
            Busy
          </Button>
        </div>
      </Card>
      <Card title="Fields">
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="A field" hint="What helps to fill it" placeholder="Example" />
          <Field label="With a problem" problem="Say what is wrong, and what would fit." />
          <PasswordField label="A password" defaultValue="correct horse" />
          <Select label="A choice">
            <option>One</option>
            <option>Two</option>
          </Select>
        </div>
        <div className="mt-3">
          <Toggle label="A switch" hint="Takes effect at once" checked={on} onChange={setOn} />
        </div>
      </Card>
      <Card title="Notices">
        <div className="grid gap-3">
          <Notice>Calm: something is so.</Notice>
          <Notice kind="warn">Warn: worth a look, nothing is lost.</Notice>
          <Notice kind="care">Care: something did not work, and what to do.</Notice>
        </div>
      </Card>
      <Card title={<span id="design-mood">Mood</span>}>
        <FacePicker value={level} labelledBy="design-mood" onChange={setLevel} />
        <div className="mt-5">
          <TagPicker value={tags} suggestions={["sleep", "work", "family"]} onChange={setTags} />
        </div>
      </Card>
    </main>
  );
}
