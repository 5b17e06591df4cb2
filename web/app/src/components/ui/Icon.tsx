// Our own icons: drawn in one weight on a grid of 24, so that none has to be fetched.
const PATHS = {
  today:
    "M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
  journal:
    "M6 4h11a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2V5a1 1 0 0 1 1-1ZM5 17a2 2 0 0 1 2-1h12M9 8h6M9 11.5h4",
  insights: "M4 19.5h16M6.5 16v-4M11 16V7.5M15.5 16v-6M20 16V5",
  you: "M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20c1-3.6 4-5.5 7.5-5.5s6.5 1.9 7.5 5.5",
  help: "M12 20.5s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.6a4.3 4.3 0 0 1 7.5 2.7c0 5.6-7.5 10.2-7.5 10.2Z",
  phone:
    "M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 6.2A2 2 0 0 1 6.5 4Z",
  talk: "M5 5h14a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 19 16h-7l-4.5 3.5V16H5a1.5 1.5 0 0 1-1.5-1.5v-8A1.5 1.5 0 0 1 5 5Z",
  send: "M12 19V6m0 0-5.5 5.5M12 6l5.5 5.5",
  stop: "M8 8h8v8H8z",
  pencil: "m5 19 .8-3.6L16 5.2l2.8 2.8L8.6 18.2 5 19Zm9-11.8 2.8 2.8",
  again: "M19 12a7 7 0 1 1-2.2-5.1M19 4.5V8h-3.5",
  fork: "M7 5v5a4 4 0 0 0 4 4h6m0 0-3-3m3 3-3 3M7 5v14",
  copy: "M9 9h10v10H9zM15 9V5H5v10h4",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  list: "M8 7h11M8 12h11M8 17h11M4.5 7h.01M4.5 12h.01M4.5 17h.01",
  archive: "M4.5 5h15v4h-15zM6 9v10h12V9M10 13h4",
  shield: "M12 3.5 5 6v5.5c0 4.3 2.9 7.6 7 9 4.1-1.4 7-4.7 7-9V6l-7-2.5Zm-3 8.5 2.2 2.2L15.2 10",
  key: "M8.5 15.5a4 4 0 1 1 3.8-5.3H20v3h-2v2.3h-3v-2.3h-2.7a4 4 0 0 1-3.8 2.3Zm-.5-4h.01",
  people:
    "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.5 19c.8-3 3-4.5 5.5-4.5s4.7 1.5 5.5 4.5M16 11.2a2.7 2.7 0 1 0-1-5.2M16.5 14.6c2 .3 3.4 1.7 4 4.4",
  picture: "M5 5h14v14H5zM5 16l4.5-4.5L14 16l2-2 3 3M15.5 9h.01",
  tool: "M14.8 6.2a4 4 0 0 1 5-1.2l-2.9 2.9 1.2 1.2L21 6.2a4 4 0 0 1-5.3 5.2L8.4 18.8a1.9 1.9 0 0 1-2.8-2.7l7.5-7.3a4 4 0 0 1 1.7-2.6Z",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM20 20l-4.8-4.8",
  star: "m12 4 2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8L7 19l1.1-5.5L4 9.7l5.6-.7L12 4Z",
  trash: "M5 7h14M10 7V5h4v2M7 7l.8 12.5h8.4L17 7M10.3 11v5M13.7 11v5",
  back: "M14.5 6 8.5 12l6 6",
  lock: "M7 11V8.5a5 5 0 0 1 10 0V11M6 11h12v9H6zM12 14.5v2",
  eye: "M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6Zm9 2.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4Z",
  device:
    "M8 3.5h8a1.5 1.5 0 0 1 1.5 1.5v14a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 19V5A1.5 1.5 0 0 1 8 3.5ZM11 17.5h2",
  down: "M12 4.5v10m0 0 4-4m-4 4-4-4M5 19.5h14",
  up: "M12 15V5m0 0 4 4m-4-4L8 9M5 19.5h14",
  check: "m5 12.5 4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6 6 18",
  moon: "M19.5 14.2A7.8 7.8 0 0 1 9.8 4.5a7.8 7.8 0 1 0 9.7 9.7Z",
  leaf: "M5 19c0-9 5-14 14-14 0 9-5 14-14 14Zm0 0 7-7",
  offline:
    "M4 4l16 16M8.5 15.5a5 5 0 0 1 5-1.2M5.5 12a9.5 9.5 0 0 1 4-2.3M3 8.5a13.5 13.5 0 0 1 3.5-2.2M18.5 12a9.6 9.6 0 0 0-4.5-2.5M21 8.5a13.6 13.6 0 0 0-9.5-3M12 19h.01",
  chevron: "m9 6 6 6-6 6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
