export const crisis = {
  "crisis.link": "Help now",
  "crisis.title": "You are not alone.",
  "crisis.lead":
    "If you are in danger, or thinking about ending your life, please talk to someone now. You do not have to have the right words.",
  "crisis.call": "Numbers to call",
  "crisis.callNumber": "Call {number}",
  "crisis.line.emergency": "Emergency services: when you or someone else is in danger now",
  "crisis.line.suicide": "Crisis line, day and night: for thoughts of suicide or any distress",
  "crisis.line.listening": "Someone to listen, day and night, about anything",
  "crisis.source": "Source: {source}",
  "crisis.elsewhere": "If you are somewhere else, choose the place below.",
  "crisis.unknownPlace":
    "Call the emergency number of the place where you are, or choose the place below.",
  "crisis.where": "Where are you?",
  "crisis.otherPlace": "Somewhere else",
  "crisis.nowTitle": "Right now",
  "crisis.step1":
    "Go to someone, or ask someone to come to you. You can say: “I am not safe alone.”",
  "crisis.step2": "Put distance between you and anything you could hurt yourself with.",
  "crisis.step3": "You only have to get through the next few minutes. Breathe out slowly.",
  "crisis.limits":
    "Salus is not an emergency service. Nobody reads along here, and nothing you do on this page is sent or stored on the server.",
  "breath.title": "One slow breath",
  "breath.text": "A longer breath out calms the body. Stop whenever it does not feel good.",
  "breath.start": "Start",
  "breath.stop": "Stop",
  "breath.in": "Breathe in",
  "breath.hold": "Hold",
  "breath.out": "Breathe out",
} as const;
