-- The paper of the report: how a page looks, and the parts of which pages are made.
--
-- A page stands by itself: no script, nothing from elsewhere, its style in it.  It reads on a
-- screen and prints on A4.  Every value comes in by _html_row(), which escapes it, or by
-- html_escape().

CREATE OR REPLACE FUNCTION _page_style(paper text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN format('@page{size:%s;margin:14mm 12mm 15mm}', paper) || $css$
:root{--ink:#1f2d3a;--soft:#5a6b7b;--line:#d5dce2;--pale:#f4f7f9;--blue:#0072B2;--red:#D55E00;--amber:#E69F00;--sky:#56B4E9;--green:#009E73}
*{box-sizing:border-box}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0;background:#e9edf0;color:var(--ink);font:14px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:980px;margin:24px auto;padding:44px 52px 36px;background:#fff;box-shadow:0 1px 6px rgba(31,45,58,.16)}
main.wide{max-width:1240px;padding:36px 32px}
header{border-bottom:3px solid var(--blue);padding-bottom:14px;margin-bottom:18px}
h1{font-size:26px;line-height:1.3;margin:0 0 4px;font-weight:700;letter-spacing:.02em}
h2{font-size:18px;line-height:1.4;margin:30px 0 8px;padding-left:10px;border-left:4px solid var(--blue);break-after:avoid}
h3{font-size:15px;margin:18px 0 6px;break-after:avoid}
h2+p,h3+p,caption{break-after:avoid}
p{margin:6px 0}
.soft,small{color:var(--soft);font-size:12.5px}
.note{background:var(--pale);border-left:4px solid var(--amber);padding:8px 14px;margin:10px 0;break-inside:avoid}
dl{display:grid;grid-template-columns:7em 1fr;gap:2px 12px;margin:10px 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:8px 0 10px;font-size:13px;line-height:1.45}
caption{text-align:left;color:var(--soft);font-size:12.5px;padding-bottom:4px}
th,td{padding:5px 8px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:var(--pale);border-bottom:1.5px solid #8a97a3;font-weight:600;overflow-wrap:normal}
th.n,td.n{text-align:right}
td.n{white-space:nowrap}
th{word-break:keep-all;text-wrap:balance}
.d{white-space:nowrap}
tr{break-inside:avoid}
tbody:first-of-type tr:first-child,.sheet tr+tr{break-before:avoid}
thead{display:table-header-group}
.first td:nth-child(2){width:21%}
.first th{white-space:nowrap}
tr.sum td{font-weight:700;border-top:1.5px solid #8a97a3}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:14px 0}
.tile{border:1px solid var(--line);border-top:4px solid var(--soft);padding:10px 14px;break-inside:avoid}
.tile b{display:block;font-size:22px;line-height:1.35;white-space:nowrap}
.tile span{display:block;color:var(--soft);font-size:12.5px}
.violation{border-top-color:var(--red)}.suspicion{border-top-color:var(--amber)}.involved{border-top-color:var(--sky)}.unjudged{border-top-color:#333}
.sure{white-space:nowrap}
.of{padding-left:1.5em;color:var(--soft)}
.mark{display:inline-block;width:.72em;height:.72em;margin-right:6px;background:var(--soft)}
.mark.violation{background:var(--red)}.mark.suspicion{background:var(--amber);border-radius:50%}.mark.notice{background:var(--sky);transform:rotate(45deg) scale(.85)}
svg{display:block;width:100%;height:auto;margin:6px 0 10px;break-inside:avoid}
td svg{margin:2px 0}
.case{border:1px solid var(--line);border-left:4px solid var(--red);padding:10px 16px;margin:10px 0;break-inside:avoid}
.case p{overflow-wrap:anywhere}
.case b{font-size:15px}
footer{margin-top:34px;border-top:1px solid var(--line);padding-top:8px;color:var(--soft);font-size:12px;overflow-wrap:anywhere}
.sheet{font-size:11.5px;table-layout:fixed}
.sheet th,.sheet td{padding:3px 4px;border:1px solid #b9c4cd}
.sheet tr:first-child td:is(:nth-child(-n+2),:nth-child(n+6):nth-child(-n+11)){text-align:right}
.sheet tr+tr td{background:var(--pale);color:#33424f}
.sheet tbody{break-inside:avoid}
.sign{display:grid;grid-template-columns:1fr 1fr;gap:16px 48px;margin:26px 0 8px;break-inside:avoid}
.sign div{border-bottom:1px solid var(--ink);padding:18px 0 4px;color:var(--soft)}
@media screen and (max-width:760px){main{padding:20px 16px}.tiles{grid-template-columns:1fr 1fr}.scroll{overflow-x:auto}}
@media print{body{background:#fff;font-size:10.5pt}main,main.wide{max-width:none;margin:0;padding:0;box-shadow:none}table{font-size:9pt}th,td{padding:4px 6px}.tile{padding:8px 10px}.tile b{font-size:14pt}.sheet{font-size:7.5pt}h1{font-size:20pt}h2{font-size:14pt}.newpage{break-before:page}.soft,small,caption{font-size:9pt}}
$css$;

COMMENT ON FUNCTION _page_style(text) IS
	'页面样式: the style of a page that prints on this paper';

CREATE OR REPLACE FUNCTION _html_page(title text, body text, paper text DEFAULT 'A4', kind text DEFAULT '') RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN format(E'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width,initial-scale=1">\n'
		'<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main class="%s">\n%s</main>\n</body>\n</html>', html_escape(title), _page_style(paper), kind, body);

COMMENT ON FUNCTION _html_page(text, text, text, text) IS
	'页面: a whole HTML page of a title and a body';

-- Kinds of cells, one letter each: t text, d text on one line (dates, states), n number,
-- h what is HTML already.  Signs that EUC_CN does not have are written as references.
CREATE OR REPLACE FUNCTION _html_row(kinds text, cells text[], class text DEFAULT NULL, cell text DEFAULT 'td') RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat('<tr', ' class="' || class || '"', '>', (SELECT string_agg(concat('<', cell, CASE WHEN k.kind IN ('n', 'd') THEN format(' class="%s"', k.kind) END, '>',
			CASE WHEN k.kind = 'h' THEN coalesce(c.value, '&mdash;') ELSE coalesce(html_escape(c.value), '&mdash;') END, '</', cell, '>'), '' ORDER BY c.nth)
		FROM unnest(cells) WITH ORDINALITY AS c (value, nth)
		CROSS JOIN LATERAL (SELECT substr(kinds, c.nth::int, 1) AS kind) AS k), E'</tr>\n');

COMMENT ON FUNCTION _html_row(text, text[], text, text) IS
	'表格行: a row of a table, its cells of these kinds (t text, d text on one line, n number, h HTML); all but HTML is escaped, what is NULL is a dash; never NULL';

-- Headings of numbers stand over numbers.
CREATE OR REPLACE FUNCTION _html_table(kinds text, headings text[], rows text, caption text DEFAULT NULL, class text DEFAULT NULL) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN rows <> '' THEN concat('<div class="scroll"><table', ' class="' || class || '"', '>', '<caption>' || html_escape(caption) || '</caption>',
		E'<thead>\n', _html_row(translate(kinds, 'h', 't'), headings, NULL, 'th'), E'</thead>\n<tbody>\n', rows, E'</tbody></table></div>\n') END;

COMMENT ON FUNCTION _html_table(text, text[], text, text, text) IS
	'表格: a table of rows that _html_row() has made, under headings; NULL where there are no rows';

CREATE OR REPLACE FUNCTION _html_facts(facts text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(E'<dl>\n', (SELECT string_agg(concat('<dt>', html_escape(facts[i]), '</dt><dd>', html_escape(facts[i + 1]), E'</dd>\n'), '' ORDER BY i)
		FROM generate_series(1, cardinality(facts), 2) AS i WHERE facts[i + 1] <> ''), E'</dl>\n');

COMMENT ON FUNCTION _html_facts(text[]) IS
	'要素表: names and values, one after the other, as a list; a name whose value is NULL or empty is left out; never NULL';

CREATE OR REPLACE FUNCTION _html_note(said text, class text DEFAULT 'note') RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat('<p class="', class, '">', html_escape(said), E'</p>\n');

COMMENT ON FUNCTION _html_note(text, text) IS
	'提示: a paragraph; never NULL';

-- What follows a title, numbered as the others; what says nothing is left out.
CREATE OR REPLACE FUNCTION _html_sections(titles text[], bodies text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT coalesce(string_agg(format(E'<section>\n<h2>%s、%s</h2>\n%s</section>\n', _ordinal_zh(s.place::int), html_escape(s.title), s.body), '' ORDER BY s.place), '')
		FROM (SELECT u.title, u.body, row_number() OVER (ORDER BY u.nth) AS place FROM unnest(titles, bodies) WITH ORDINALITY AS u (title, body, nth) WHERE u.body <> '') AS s);

COMMENT ON FUNCTION _html_sections(text[], text[]) IS
	'章节: sections with their titles, numbered in their order; one whose body is NULL or empty is left out; never NULL';

-- ----------------------------------------------------------------- how it writes

-- A sum may be of any size, or of NaN; of more than these digits no page has room.  The
-- dash is the one that EUC_CN has.
CREATE OR REPLACE FUNCTION _can_be_written(value numeric) RETURNS bool
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN abs(value) < 1e33;

COMMENT ON FUNCTION _can_be_written(numeric) IS
	'能否写出: whether a number is finite and has no more digits than a page shows; NULL for NULL';

CREATE OR REPLACE FUNCTION _yuan(amount numeric) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN _can_be_written(amount) THEN to_char(amount, 'FM999,999,999,999,999,999,999,999,999,999,999,990.00') ELSE '―' END;

COMMENT ON FUNCTION _yuan(numeric) IS
	'金额写法: yuan with two decimals and a comma every three digits; a dash for what is not finite; NULL for NULL';

-- What has too many digits for a headline is told in 亿; tables have all of it.
CREATE OR REPLACE FUNCTION _yuan_short(amount numeric) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN abs(amount) < 1e8 OR NOT _can_be_written(amount) THEN _yuan(amount) ELSE _svg_amount(amount) END;

COMMENT ON FUNCTION _yuan_short(numeric) IS
	'金额简写: yuan as _yuan() has them, from 100 million on in 亿; NULL for NULL';

CREATE OR REPLACE FUNCTION _counted(cases numeric) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN _can_be_written(cases) THEN to_char(cases, 'FM999,999,999,999,999,999,999,999,999,999,999,990') ELSE '―' END;

COMMENT ON FUNCTION _counted(numeric) IS
	'数量写法: a whole number with a comma every three digits; a dash for what is not finite; NULL for NULL';

CREATE OR REPLACE FUNCTION _share(part numeric, whole numeric) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN NOT _can_be_written(part) OR NOT _can_be_written(whole) OR NOT _can_be_written(100 * part / nullif(whole, 0)) THEN '―'
		ELSE _yuan(100 * part / nullif(whole, 0)) || '%' END;

COMMENT ON FUNCTION _share(numeric, numeric) IS
	'占比写法: part of a whole in percent with two decimals; a dash for what is not finite; NULL for NULL and for a whole of 0';

-- Days are those of China, whatever the clock of the session.
CREATE OR REPLACE FUNCTION _moment_zh(at timestamptz) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI');

COMMENT ON FUNCTION _moment_zh(timestamptz) IS
	'时间写法: a moment in China, to the minute; NULL for NULL';

CREATE OR REPLACE FUNCTION _period_zh(from_date date, to_date date) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN to_date = (from_date + interval '1 month')::date AND extract(day FROM from_date) = 1 THEN date_part('year', from_date) || '年' || date_part('month', from_date) || '月'
		WHEN to_date = (from_date + interval '1 year')::date AND extract(doy FROM from_date) = 1 THEN date_part('year', from_date) || '年'
		WHEN to_date = from_date + 1 THEN medaudit.date_zh(from_date) ELSE medaudit.date_zh(from_date) || '至' || medaudit.date_zh(to_date - 1) END;

COMMENT ON FUNCTION _period_zh(date, date) IS
	'期间写法: the days from one to the day before another, a month or a year by its name; NULL for NULL';

CREATE OR REPLACE FUNCTION _certainty_mark(certainty text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '<span class="sure"><i class="mark ' || html_escape(certainty) || '"></i>' || html_escape(label_zh(certainty)) || '</span>';

COMMENT ON FUNCTION _certainty_mark(text) IS
	'确定程度标记: the label of a certainty behind a mark of its own shape and colour; NULL for NULL';
