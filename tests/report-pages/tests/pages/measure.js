// Runs in a page that contains each report in a frame of the same origin, and measures contrast, overflow and overlaps.
'use strict';

const channels = text => text.match(/[\d.]+/g).map(Number);
const linear = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
// WCAG 2.2, "contrast ratio".
const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

function background(view, element) {
  for (let at = element; at; at = at.parentElement) {
    const style = view.getComputedStyle(at);
    const [r, g, b, alpha = 1] = channels(style.backgroundColor);
    if (style.backgroundImage !== 'none') throw `text on an image: ${at.className}`;
    if (style.opacity !== '1') throw `translucent text: ${at.className}`;
    if (alpha === 1) return [r, g, b];
    if (alpha !== 0) throw `text on a translucent background: ${at.className}`;
  }
  throw 'text without an opaque background';
}

function colors(view, element) {
  return [channels(view.getComputedStyle(element).color), background(view, element)];
}

function measure(frame) {
  const [view, page] = [frame.contentWindow, frame.contentDocument];
  const root = page.documentElement;
  const result = {
    name: frame.title, width: view.innerWidth, height: root.scrollHeight, texts: 0, lowest_contrast: 21, problems: [],
    dark: view.matchMedia('(prefers-color-scheme: dark)').matches,
  };
  const problem = (what, text) => result.problems.length < 20 && result.problems.push(`${what}: ${text.slice(0, 60)}`);
  const check = (text, [foreground, ground]) => {
    const ratio = contrast(foreground, ground);
    result.lowest_contrast = Math.min(result.lowest_contrast, ratio);
    if (ratio < 4.5) problem(`contrast ${ratio.toFixed(2)}`, text);
  };
  if (root.scrollWidth > root.clientWidth) problem(`${root.scrollWidth} wide in ${root.clientWidth}`, 'the page');
  const boxes = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const range = page.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(rect => rect.width > 0);
    const element = node.parentElement;
    // The header rows of stacked tables are visible to screen readers only.
    if (!node.data.trim() || !rects.length || element.closest('thead')?.offsetWidth === 1) continue;
    result.texts += 1;
    try { check(node.data, colors(view, element)); } catch (error) { problem(error, node.data); }
    const around = element.closest('section, header, footer').getBoundingClientRect();
    for (const rect of rects) {
      if (rect.left < -0.5 || rect.right > root.clientWidth + 0.5) problem('leaves the screen', node.data);
      if (rect.left < around.left || rect.right > around.right + 0.5) problem('leaves its section', node.data);
      boxes.push({ rect, node });
    }
  }
  for (const element of page.querySelectorAll('td')) {
    const before = view.getComputedStyle(element, '::before');
    if (before.content !== 'none') check('label of a cell', [channels(before.color), background(view, element)]);
  }
  overlaps(boxes).forEach(([one, other]) => problem(`overlaps “${other.data.slice(0, 30)}”`, one.data));
  return result;
}

// Pairs of texts that overlap by more than a few pixels, except lines of the same text.
function overlaps(boxes) {
  const [found, open] = [[], []];
  boxes.sort((a, b) => a.rect.top - b.rect.top);
  for (const box of boxes) {
    for (let index = open.length - 1; index >= 0; index -= 1) {
      const other = open[index];
      if (other.rect.bottom < box.rect.top) { open.splice(index, 1); continue; }
      const across = Math.min(box.rect.right, other.rect.right) - Math.max(box.rect.left, other.rect.left);
      const down = Math.min(box.rect.bottom, other.rect.bottom) - Math.max(box.rect.top, other.rect.top);
      if (box.node !== other.node && across > 1 && down > 4) found.push([box.node, other.node]);
    }
    open.push(box);
  }
  return found;
}

addEventListener('load', () => {
  let text;
  try { text = JSON.stringify([...document.querySelectorAll('iframe')].map(measure)); } catch (error) {
    text = JSON.stringify(String(error.stack || error));
  }
  console.info('measured');
  const result = document.createElement('pre');
  result.textContent = text.replace(/[<>&]/g, letter => '\\u00' + letter.charCodeAt(0).toString(16));
  document.body.replaceChildren(result);
});
