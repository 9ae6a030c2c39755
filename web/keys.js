// SPDX-License-Identifier: Apache-2.0
// The keyboard's shortcuts, for the help as for the hand.

export const KEYS = [
  { key: ' ', name: 'Space', action: 'toggle', does: 'Play, pause' },
  { key: 'n', name: 'N', action: 'skip', does: 'Skip' },
  { key: 'm', name: 'M', action: 'mute', does: 'Mute' },
  { key: '+', name: '+', action: 'louder', does: 'Louder' },
  { key: '-', name: '−', action: 'softer', does: 'Softer' },
  { key: 'a', name: 'A', action: 'autoDj', does: 'Auto-DJ on, off' },
  { key: 'u', name: 'U', action: 'undo', does: 'Undo' },
  { key: 'i', name: 'I', action: 'track', does: 'About the track' },
  { key: 'f', name: 'F', action: 'fullScreen', does: 'Full screen' },
  { key: '?', name: '?', action: 'settings', does: 'These settings' },
];

// What a keydown event asks for, or ''. inSheet: a dialog is open, which has keys of its own; letters: whether single
// letters count. Space always does.
export function actionOf({ key, altKey, ctrlKey, metaKey }, { inSheet, letters }) {
  if (altKey || ctrlKey || metaKey || inSheet) return '';
  if (key !== ' ' && !letters) return '';
  return KEYS.find((one) => one.key === key.toLowerCase())?.action ?? '';
}
