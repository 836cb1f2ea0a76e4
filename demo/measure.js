// What is wrong with how a page looks: text that does not fit where it stands, and text
// that lies on other text.  Writes a line for each into the last element of the page.
(() => {
	const said = [];
	const short = (text) => text.trim().replace(/\s+/g, ' ').slice(0, 40);
	const boxes = [];
	const page = document.querySelector('main');

	if (document.documentElement.scrollWidth > window.innerWidth + 1)
		said.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${window.innerWidth}`);

	// each line of each text, and the box in which it has to be
	const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
	for (let node; (node = walker.nextNode());) {
		const parent = node.parentElement;
		if (!node.data.trim() || parent.closest('style, title'))
			continue;
		const range = document.createRange();
		range.selectNodeContents(node);
		const home = (parent.closest('td, th, .tile, .case, dd, dt, svg') || page).getBoundingClientRect();
		for (const r of range.getClientRects()) {
			if (r.width < 1 || r.height < 1)
				continue;
			if (r.left < home.left - 1 || r.right > home.right + 1 || r.top < home.top - r.height / 4 || r.bottom > home.bottom + r.height / 4)
				said.push(`does not fit: ${short(node.data)}`);
			// lines have air above and below
			const air = r.height * 0.2;
			boxes.push({ left: r.left, right: r.right, top: r.top + air, bottom: r.bottom - air, node });
		}
	}
	boxes.sort((a, b) => a.top - b.top);
	for (let i = 0; i < boxes.length; i++) {
		const a = boxes[i];
		for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom; j++) {
			const b = boxes[j];
			if (a.node !== b.node && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5
					&& Math.min(a.bottom, b.bottom) - b.top > 1.5)
				said.push(`on one another: ${short(a.node.data)} | ${short(b.node.data)}`);
		}
	}
	said.push(`height ${Math.ceil(document.documentElement.scrollHeight)}`);
	document.getElementById('measured').textContent = '\n' + [...new Set(said)].join('\n') + '\n';
})();
