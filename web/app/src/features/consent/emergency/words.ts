// What emergency access can open, and why it may be opened: the same lists as in crates/consent.
import type { Schemas } from "@salus/api-client";

export type Reason = Schemas["ReasonCode"];
export type CardClass = (typeof CARD_CLASSES)[number];

// What a card or an override may open at most; everything else stays shut in every emergency.
export const CARD_CLASSES = ["allergies", "medications", "conditions", "contacts"] as const;

export type Sheet = Schemas["EmergencySheet"];
export type SheetPart = Exclude<keyof Sheet, "written_at">;

// The parts of an emergency sheet, what matters first first.
export const TEXT_PARTS = [
  "allergies",
  "medications",
  "conditions",
  "contacts",
  "notes",
] as const satisfies readonly SheetPart[];
export const PARTS: readonly SheetPart[] = ["blood_group", ...TEXT_PARTS];

export const REASONS: readonly Reason[] = [
  "unresponsive",
  "danger_to_life",
  "poisoning",
  "acute_crisis",
];
