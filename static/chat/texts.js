// Every sentence the page itself says. What the server says comes ready from the server.

export const STAGES = {
  waiting: "Reading",
  searching: "Searching",
  writing: "Writing",
  checking: "Checking",
};

export const CONFIDENCE = {
  high: ["signal-high", "High confidence"],
  medium: ["signal-medium", "Medium confidence: worth a look at the sources"],
  low: ["signal-low", "Low confidence: please check the sources, or ask a person"],
};

// Values of Feedback.REASONS on the server.
export const REASONS = {
  wrong: "It is wrong",
  incomplete: "Something is missing",
  off_topic: "It does not answer my question",
  unclear: "I do not understand it",
  other: "Something else",
};

export const TEXTS = {
  assistant: "AI assistant",
  you: "You",
  person: "Support team",
  waitingForPerson: "A person has been asked",
  closed: "This chat is closed",
  chatGone: "This chat is no longer kept here. What you write now begins a new one.",
  sending: "Sending",
  sent: "Sent",
  waitingToSend: "Waiting for the connection",
  notSent: "Not sent",
  tryAgain: "Try again",
  edit: "Change the text",
  remove: "Remove",
  stop: "Stop",
  stopped: "Stopped",
  offline: "No connection. What you write is kept here and sent when it is back.",
  reconnecting: "The connection was lost. Connecting again; what you write is kept here.",
  back: "Connected again.",
  quoted: "Quoted from our documents",
  sources: "Sources",
  choices: "Did you mean",
  related: "These pages may help too:",
  copy: "Copy the answer",
  copyCode: "Copy the code",
  copied: "Copied",
  edited: "edited",
  withdrawn: "This message was withdrawn.",
  notCopied: "Your browser did not allow copying. Select the text and copy it yourself.",
  helpful: "Helpful",
  notHelpful: "Not helpful",
  thanks: "Thank you, this helps us to do better.",
  why: "What was not right?",
  comment: "Anything else? (optional)",
  sendRating: "Send",
  skip: "Skip",
  askPerson: "Ask a person",
  newest: "Newest messages",
  unread: "New messages",
  form: "Send to a person",
  formSent: "Sent to a person.",
  emailOffer: "Get the reply by e-mail too (optional)",
  emailLabel: "Your e-mail address",
  emailSend: "Send it there too",
  requestNotSent: "This did not reach us. Please try again.",
  noStart: "The chat could not be started. Please try again in a moment.",
};

/** Say how much room is left, or how much is too much. */
export function room(left) {
  const count = Math.abs(left);
  const characters = count === 1 ? "1 character" : `${count.toLocaleString()} characters`;
  return `${characters} ${left < 0 ? "too many" : "left"}`;
}

/** Say that a text is too long to send. */
export function tooLong(limit) {
  return `A message can have up to ${limit.toLocaleString()} characters. Please shorten it; nothing was sent.`;
}

/** Say when a message held back by the rate limit will be sent. */
export function sendingAgainIn(seconds) {
  return `Too many messages at once. This one is sent in ${seconds} s.`;
}

/** Say who is typing. */
export function typing(who) {
  return `${who || TEXTS.person} is typing`;
}
