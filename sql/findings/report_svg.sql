-- Pictures of the report: SVG that stands in an HTML page, made of text alone, without a
-- script, so that it prints, is filed, and is the same whoever opens it.
--
-- A picture is 720 units wide, about the width of a page of A4, and as high as it needs.
-- Colours are those of Okabe and Ito (Color Universal Design, 2008), which people who do
-- not see red and green apart tell apart; nothing is said by colour alone.  All text goes
-- through html_escape().

CREATE OR REPLACE FUNCTION html_escape(value text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN replace(replace(replace(replace(replace(value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;');

COMMENT ON FUNCTION html_escape(text) IS
	'网页转义: text that an HTML page shows as it is, in elements and in quoted attributes: & < > " and apostrophes as references; NULL for NULL';

-- ---------------------------------------------------------------- what they share

CREATE OR REPLACE FUNCTION _svg_colour(nth bigint) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (ARRAY['#0072B2', '#D55E00', '#009E73', '#E69F00', '#CC79A7', '#56B4E9', '#333333'])[(nth - 1) % 7 + 1];

COMMENT ON FUNCTION _svg_colour(bigint) IS
	'图形颜色: the nth of seven colours that are told apart without seeing red and green apart, from 1, then again from the first; NULL for NULL';

-- What JSON and arrays may hold and no picture can show is not there.
CREATE OR REPLACE FUNCTION _svg_value(value numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN value NOT IN ('NaN', 'Infinity', '-Infinity') AND abs(value) < 1e15 THEN value END;

COMMENT ON FUNCTION _svg_value(numeric) IS
	'图形数值: a number that can be drawn, else NULL';

CREATE OR REPLACE FUNCTION _svg_at(place numeric) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN trim_scale(round(place, 1))::text;

COMMENT ON FUNCTION _svg_at(numeric) IS
	'图形坐标: a place in a picture, to a tenth of a unit; NULL for NULL';

-- Highest mark of an axis: 1, 2, 2.5, 4, 5, 6 or 8 and zeros.
CREATE OR REPLACE FUNCTION _svg_top(highest numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN highest > 0 THEN (SELECT trim_scale(min(m.mark * p.power)) FROM (SELECT 10::numeric ^ floor(log(highest)) AS power) AS p
		CROSS JOIN unnest('{1,2,2.5,4,5,6,8,10}'::numeric[]) AS m (mark) WHERE m.mark * p.power >= highest) ELSE 1 END;

COMMENT ON FUNCTION _svg_top(numeric) IS
	'坐标上限: the next round number from a number up; 1 for what is not above 0, and for NULL';

-- Amounts beside marks and bars are read, not added: 4 digits will do.
CREATE OR REPLACE FUNCTION _svg_amount(amount numeric) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN abs(amount) >= 1e8 THEN trim_scale(round(amount / 1e8, 2))::text || '亿'
		WHEN abs(amount) >= 1e4 THEN trim_scale(round(amount / 1e4, CASE WHEN abs(amount) < 1e6 THEN 2 ELSE 1 END))::text || '万'
		ELSE trim_scale(round(amount, 2))::text END;

COMMENT ON FUNCTION _svg_amount(numeric) IS
	'图形金额: a number in few digits, in 万 and 亿 where it is large: 12.35万; NULL for NULL';

-- A line has room for so many Chinese characters, or half again as many Latin ones.  In a
-- database whose text is bytes nothing is cut, for that could be within a character.
CREATE OR REPLACE FUNCTION _svg_label(label text, most int) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN html_escape(CASE WHEN getdatabaseencoding() = 'SQL_ASCII' OR char_length(label) <= most
			OR octet_length(label) = char_length(label) AND 2 * char_length(label) <= 3 * most THEN label
		WHEN octet_length(label) = char_length(label) THEN left(label, 3 * most / 2 - 1) || '…' ELSE left(label, most - 1) || '…' END);

COMMENT ON FUNCTION _svg_label(text, int) IS
	'图形标签: a label escaped, cut with … behind so many Chinese or half again as many Latin characters; NULL for NULL';

CREATE OR REPLACE FUNCTION _svg_text(x numeric, y numeric, said text, more text DEFAULT '') RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN format('<text x="%s" y="%s"%s>%s</text>', _svg_at(x), _svg_at(y), more, said);

COMMENT ON FUNCTION _svg_text(numeric, numeric, text, text) IS
	'图形文字: text that is escaped already, at a place in a picture; never NULL';

CREATE OR REPLACE FUNCTION _svg_frame(height numeric, title text, parts text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN format('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 %s" width="720" height="%1$s" role="img" font-size="13" fill="#1f2d3a" '
		'font-family="Noto Sans CJK SC,Source Han Sans SC,Microsoft YaHei,PingFang SC,sans-serif">%s%s</svg>', _svg_at(height),
		'<title>' || html_escape(title) || '</title>', parts);

COMMENT ON FUNCTION _svg_frame(numeric, text, text) IS
	'图形外框: a picture of 720 units width and this height around its parts, with a title for who hears the page; never NULL';

-- Marks of an upright axis, from low to high, with lines across the picture.
CREATE OR REPLACE FUNCTION _svg_grid(low numeric, high numeric, top numeric, bottom numeric, unit text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(_svg_text(58, top - 12, _svg_label(nullif(unit, ''), 12), ' text-anchor="middle" font-size="11" fill="#5a6b7b"'), '')
		|| string_agg(format('<path d="M62 %sH716" stroke="%s"/>', _svg_at(p.y), CASE WHEN p.mark = 0 THEN '#8a97a3' ELSE '#e3e8ec' END)
			|| _svg_text(56, p.y + 4, _svg_amount(p.mark), ' text-anchor="end" font-size="11" fill="#5a6b7b"'), '' ORDER BY p.mark)
	FROM (SELECT m.mark, bottom - (bottom - top) * (m.mark - low) / (high - low) AS y
		FROM (SELECT _svg_top(greatest(high, -low)) / 4 AS step) AS s
		CROSS JOIN LATERAL (SELECT s.step * i AS mark FROM generate_series(ceil(low / s.step), floor(high / s.step)) AS i) AS m) AS p;
END;

COMMENT ON FUNCTION _svg_grid(numeric, numeric, numeric, numeric, text) IS
	'坐标网格: marks of an upright axis with their lines; NULL where an end of it is';

-- ------------------------------------------------------------------- pictures

CREATE OR REPLACE FUNCTION svg_bars(labels text[], amounts numeric[], parts numeric[] DEFAULT NULL, unit text DEFAULT '元',
		title text DEFAULT '条形图', cumulative bool DEFAULT false) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH bar AS (
		SELECT b.nth, b.label, _svg_value(b.amount) AS amount, greatest(_svg_value(b.part), 0) AS part,
			max(greatest(_svg_value(b.amount), _svg_value(b.part), 0)) OVER () AS highest,
			sum(greatest(_svg_value(b.amount), 0)) OVER (ORDER BY b.nth) AS so_far, sum(greatest(_svg_value(b.amount), 0)) OVER () AS whole
		FROM ROWS FROM (unnest(svg_bars.labels), unnest(svg_bars.amounts), unnest(svg_bars.parts)) WITH ORDINALITY AS b (label, amount, part, nth)
		WHERE b.nth <= greatest(cardinality(svg_bars.labels), cardinality(svg_bars.amounts))
	), drawn AS (
		SELECT b.*, 26 * b.nth - 8 AS y, 340 * greatest(b.amount, 0) / nullif(b.highest, 0) AS width, 340 * b.part / nullif(b.highest, 0) AS part_width FROM bar AS b
	)
	SELECT CASE WHEN svg_bars.labels IS NOT NULL AND svg_bars.amounts IS NOT NULL THEN
		_svg_frame(greatest(26 * count(*), 26) + 4, svg_bars.title, coalesce(string_agg(
			format('<g><title>%s</title>', html_escape(concat(d.label, ' ', coalesce(d.amount::text, '无'), svg_bars.unit, '，其中' || d.part || svg_bars.unit)))
			|| _svg_text(196, d.y, coalesce(_svg_label(d.label, 14), ''), ' text-anchor="end"')
			|| CASE WHEN d.width > 0 THEN format('<rect x="204" y="%s" width="%s" height="16" rx="1" fill="#56B4E9"/>', _svg_at(d.y - 13), _svg_at(greatest(d.width, 1))) ELSE '' END
			|| CASE WHEN d.part_width > 0 THEN format('<rect x="204" y="%s" width="%s" height="16" rx="1" fill="#0072B2"/>', _svg_at(d.y - 13), _svg_at(greatest(d.part_width, 1))) ELSE '' END
			|| _svg_text(210 + greatest(d.width, d.part_width, 0), d.y,
				coalesce(_svg_amount(d.amount) || coalesce(html_escape(svg_bars.unit), ''), '&#8212;'), ' font-size="12"')
			|| CASE WHEN svg_bars.cumulative AND d.whole > 0
				THEN _svg_text(716, d.y, format('累计%s%%', round(100 * d.so_far / d.whole)), ' text-anchor="end" font-size="11" fill="#5a6b7b"') ELSE '' END
			|| '</g>', '' ORDER BY d.nth), _svg_text(360, 18, '无数据', ' text-anchor="middle" fill="#5a6b7b"'))) END
	FROM drawn AS d;
END;

COMMENT ON FUNCTION svg_bars(text[], numeric[], numeric[], text, text, bool) IS
	'条形图: bars side by side with their labels and numbers, a darker part of each where parts are given, and (cumulative) what the bars down to each are of all; what is NULL or no number has no bar; NULL for NULL labels or amounts';

CREATE OR REPLACE FUNCTION svg_lines(labels text[], series jsonb, unit text DEFAULT '元', title text DEFAULT '折线图') RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH point AS (
		SELECT s.nth, p.i, _svg_value(CASE jsonb_typeof(p.value) WHEN 'number' THEN (p.value #>> '{}')::numeric END) AS value,
			66 + 640 * (p.i - 0.5) / greatest(cardinality(svg_lines.labels), 1) AS x
		FROM jsonb_array_elements(svg_lines.series) WITH ORDINALITY AS s (line, nth)
		CROSS JOIN LATERAL jsonb_array_elements(s.line -> 'points') WITH ORDINALITY AS p (value, i)
		WHERE p.i <= cardinality(svg_lines.labels)
	), axis AS (
		SELECT CASE WHEN min(p.value) < 0 THEN -_svg_top(-min(p.value)) ELSE 0 END AS low, CASE WHEN max(p.value) <= 0 AND min(p.value) < 0 THEN 0 ELSE _svg_top(max(p.value)) END AS high FROM point AS p
	), placed AS (
		SELECT p.*, 210 - 170 * (p.value - a.low) / nullif(a.high - a.low, 0) AS y,
			lag(p.value) OVER (PARTITION BY p.nth ORDER BY p.i) IS NULL AS begins FROM point AS p CROSS JOIN axis AS a
	), line AS (
		SELECT p.nth, string_agg(CASE WHEN p.begins THEN 'M' ELSE 'L' END || _svg_at(p.x) || ' ' || _svg_at(p.y), '' ORDER BY p.i) AS path,
			string_agg(format('<circle cx="%s" cy="%s" r="3"><title>%s</title></circle>', _svg_at(p.x), _svg_at(p.y),
				html_escape(concat(svg_lines.labels[p.i], ' ', p.value, svg_lines.unit))), '' ORDER BY p.i) AS dots
		FROM placed AS p WHERE p.y IS NOT NULL GROUP BY p.nth
	)
	SELECT CASE WHEN svg_lines.labels IS NOT NULL AND svg_lines.series IS NOT NULL THEN _svg_frame(240, svg_lines.title, concat(
		(SELECT _svg_grid(a.low, a.high, 40, 210, svg_lines.unit) FROM axis AS a),
		(SELECT string_agg(_svg_text(66 + 640 * (l.i - 0.5) / cardinality(svg_lines.labels), 230, _svg_label(l.label, 6), ' text-anchor="middle" font-size="11" fill="#5a6b7b"'), '' ORDER BY l.i)
			FROM unnest(svg_lines.labels) WITH ORDINALITY AS l (label, i) WHERE (l.i - 1) % greatest((cardinality(svg_lines.labels) + 11) / 12, 1) = 0),
		(SELECT string_agg(format('<path d="%s" fill="none" stroke="%s" stroke-width="2"%s/><g fill="%2$s">%4$s</g>', l.path, _svg_colour(l.nth),
				CASE WHEN l.nth > 1 THEN format(' stroke-dasharray="%s"', (ARRAY['7 4', '2 3', '9 3 2 3'])[(l.nth - 2) % 3 + 1]) ELSE '' END, l.dots), '' ORDER BY l.nth) FROM line AS l),
		(SELECT string_agg(format('<path d="M%s 14h22" stroke="%s" stroke-width="2"%s/>', _svg_at(100 + l.step * (s.nth - 1)), _svg_colour(s.nth),
				CASE WHEN s.nth > 1 THEN format(' stroke-dasharray="%s"', (ARRAY['7 4', '2 3', '9 3 2 3'])[(s.nth - 2) % 3 + 1]) ELSE '' END)
			|| _svg_text(128 + l.step * (s.nth - 1), 18, coalesce(_svg_label(s.line ->> 'name', 8), ''), ' font-size="12"'), '' ORDER BY s.nth)
			FROM jsonb_array_elements(svg_lines.series) WITH ORDINALITY AS s (line, nth)
			CROSS JOIN (SELECT least(150, 600 / greatest(jsonb_array_length(svg_lines.series), 1)) AS step) AS l))) END;
END;

COMMENT ON FUNCTION svg_lines(text[], jsonb, text, text) IS
	'折线图: lines over the same labels, as [{"name": "本年", "points": [1, null, 3]}]; where a point is null the line is broken; each line has a colour and a dash of its own; NULL for NULL labels or series, 22023 where series is no array';

-- D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in
-- Medicine 24 (2005): small hospitals vary more; 95 % and 99.8 % of chance lie inside.
CREATE OR REPLACE FUNCTION svg_funnel(labels text[], cases numeric[], measures numeric[], centre numeric, spread numeric,
		unit text DEFAULT '', title text DEFAULT '漏斗图') RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH dot AS (
		SELECT d.nth, d.label, _svg_value(d.n) AS n, _svg_value(d.measure) AS measure, abs(d.measure - svg_funnel.centre) / nullif(svg_funnel.spread / sqrt(d.n), 0) AS z
		FROM ROWS FROM (unnest(svg_funnel.labels), unnest(svg_funnel.cases), unnest(svg_funnel.measures)) WITH ORDINALITY AS d (label, n, measure, nth)
		WHERE _svg_value(d.n) > 0 AND _svg_value(d.measure) IS NOT NULL
	), axis AS (
		SELECT _svg_top(max(d.n)) AS most, least(min(d.measure), svg_funnel.centre - 3.09 * svg_funnel.spread / sqrt(_svg_top(max(d.n)) / 20)) AS least,
			greatest(max(d.measure), svg_funnel.centre + 3.09 * svg_funnel.spread / sqrt(_svg_top(max(d.n)) / 20)) AS greatest FROM dot AS d
	), scale AS (
		SELECT a.most, CASE WHEN a.least < 0 THEN -_svg_top(-a.least) ELSE 0 END AS low, _svg_top(a.greatest) AS high FROM axis AS a
	), curve AS (
		SELECT string_agg(format('<path d="%s" fill="none" stroke="%s" stroke-dasharray="%s"/>', c.path, c.stroke, c.dash), '' ORDER BY c.z) AS paths
		FROM (SELECT z.z, CASE abs(z.z) WHEN 3.09 THEN '#D55E00' ELSE '#8a97a3' END AS stroke, CASE abs(z.z) WHEN 3.09 THEN '7 4' ELSE '2 3' END AS dash,
				string_agg(CASE i WHEN 2 THEN 'M' ELSE 'L' END || _svg_at(66 + 16 * i) || ' ' || _svg_at(least(greatest(210 - 170 * (svg_funnel.centre
					+ z.z * svg_funnel.spread / sqrt(s.most * i / 40) - s.low) / (s.high - s.low), 40), 210)), '' ORDER BY i) AS path
			FROM scale AS s CROSS JOIN unnest('{-3.09,-1.96,1.96,3.09}'::numeric[]) AS z (z) CROSS JOIN generate_series(2, 40) AS i GROUP BY z.z) AS c
	)
	SELECT CASE WHEN num_nulls(svg_funnel.labels, svg_funnel.cases, svg_funnel.measures, svg_funnel.centre, svg_funnel.spread) = 0 THEN _svg_frame(256, svg_funnel.title, concat(
		(SELECT _svg_grid(s.low, s.high, 40, 210, svg_funnel.unit) || format('<path d="M66 %sH706" stroke="#0072B2"/>', _svg_at(210 - 170 * (svg_funnel.centre - s.low) / (s.high - s.low)))
			|| (SELECT string_agg(_svg_text(66 + 160 * i, 228, _svg_amount(s.most * i / 4), ' text-anchor="middle" font-size="11" fill="#5a6b7b"'), '') FROM generate_series(0, 4) AS i) FROM scale AS s),
		(SELECT c.paths FROM curve AS c), _svg_text(386, 248, '例数（虚线以内为随机波动的95%，长虚线以内为99.8%）', ' text-anchor="middle" font-size="11" fill="#5a6b7b"'),
		(SELECT string_agg(format('<circle cx="%s" cy="%s" r="4" fill="%s" stroke="#fff"><title>%s</title></circle>', _svg_at(66 + 640 * d.n / s.most),
				_svg_at(210 - 170 * (d.measure - s.low) / (s.high - s.low)), CASE WHEN d.z > 3.09 THEN '#D55E00' WHEN d.z > 1.96 THEN '#E69F00' ELSE '#0072B2' END,
				html_escape(concat(d.label, '：', d.n, '例，', d.measure, svg_funnel.unit)))
			|| CASE WHEN d.z > 3.09 THEN _svg_text(CASE WHEN d.n > 0.75 * s.most THEN 60 ELSE 72 END + 640 * d.n / s.most, 214 - 170 * (d.measure - s.low) / (s.high - s.low), coalesce(_svg_label(d.label, 10), ''),
				CASE WHEN d.n > 0.75 * s.most THEN ' text-anchor="end" font-size="11"' ELSE ' font-size="11"' END) ELSE '' END, '' ORDER BY d.nth) FROM dot AS d CROSS JOIN scale AS s))) END;
END;

COMMENT ON FUNCTION svg_funnel(text[], numeric[], numeric[], numeric, numeric, text, text) IS
	'漏斗图: a measure of each institution over its number of cases, with what 95 % and 99.8 % of chance leave around the centre (centre ± 1.96 and 3.09 × spread ÷ √cases; spread is the standard deviation of one case); those beyond are named; who has no cases or no measure is left out; NULL for NULL';

CREATE OR REPLACE FUNCTION svg_timeline(events jsonb, from_date date, to_date date, title text DEFAULT '时间轴') RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH event AS (
		SELECT e.value ->> 'row' AS lane, e.nth, e.value ->> 'kind' AS kind, e.value ->> 'label' AS label, coalesce((e.value ->> 'flagged')::bool, false) AS flagged,
			(e.value ->> 'from')::timestamp AS begins, (e.value ->> 'to')::timestamp AS ends
		FROM jsonb_array_elements(svg_timeline.events) WITH ORDINALITY AS e (value, nth)
	), lane AS (
		SELECT e.lane, row_number() OVER (ORDER BY min(e.nth)) AS nth FROM event AS e GROUP BY e.lane
	), placed AS (
		SELECT e.*, 34 + 26 * l.nth AS y, 150 + 560 * p.begins AS x, 560 * (p.ends - p.begins) AS width
		FROM event AS e JOIN lane AS l ON l.lane IS NOT DISTINCT FROM e.lane
		CROSS JOIN LATERAL (SELECT least(greatest(extract(epoch FROM t.at - svg_timeline.from_date) / (86400 * nullif(svg_timeline.to_date - svg_timeline.from_date, 0)), 0), 1)::numeric AS begins,
			least(greatest(extract(epoch FROM coalesce(e.ends, t.at) - svg_timeline.from_date) / (86400 * nullif(svg_timeline.to_date - svg_timeline.from_date, 0)), 0), 1)::numeric AS ends FROM (SELECT e.begins AS at) AS t) AS p
		WHERE e.begins < svg_timeline.to_date AND coalesce(e.ends, e.begins) >= svg_timeline.from_date
	), month AS (
		SELECT m.at, 150 + 560 * (m.at::date - svg_timeline.from_date) / (svg_timeline.to_date - svg_timeline.from_date)::numeric AS x, row_number() OVER (ORDER BY m.at) AS nth, count(*) OVER () AS months
		FROM generate_series(date_trunc('month', svg_timeline.from_date::timestamp) + CASE WHEN extract(day FROM svg_timeline.from_date) = 1 THEN interval '0' ELSE interval '1 month' END, svg_timeline.to_date - interval '1 day', interval '1 month') AS m (at)
	)
	SELECT CASE WHEN svg_timeline.events IS NOT NULL AND svg_timeline.from_date < svg_timeline.to_date AND isfinite(svg_timeline.from_date) AND isfinite(svg_timeline.to_date) THEN _svg_frame(44 + 26 * (SELECT count(*) FROM lane), svg_timeline.title, concat(
		(SELECT string_agg(format('<path d="M%s 30V%s" stroke="#e3e8ec"/>', _svg_at(m.x), 40 + 26 * (SELECT count(*) FROM lane)) || CASE WHEN (m.nth - 1) % ((m.months + 11) / 12) = 0 AND m.x < 690
			THEN _svg_text(m.x + 2, 24, to_char(m.at, CASE WHEN m.nth = 1 OR extract(month FROM m.at) = 1 THEN 'YYYY-MM' ELSE 'MM' END), ' font-size="11" fill="#5a6b7b"') ELSE '' END, '' ORDER BY m.at) FROM month AS m),
		(SELECT string_agg(_svg_text(142, 38 + 26 * l.nth, coalesce(_svg_label(l.lane, 10), '&#8212;'), ' text-anchor="end"') || format('<path d="M150 %sH710" stroke="#eef1f4"/>', 34 + 26 * l.nth), '' ORDER BY l.nth) FROM lane AS l),
		(SELECT string_agg(CASE WHEN p.kind IN ('visit', 'event') THEN format('<path d="M%s %sl5 6-5 6-5-6z"', _svg_at(p.x), p.y - 6)
				ELSE format('<rect x="%s" y="%s" width="%s" height="%s"', _svg_at(p.x), CASE p.kind WHEN 'fill' THEN p.y - 3 ELSE p.y - 8 END, _svg_at(greatest(p.width, 2)), CASE p.kind WHEN 'fill' THEN 6 ELSE 16 END) END
			|| format(' fill="%s"%s><title>%s</title>', CASE p.kind WHEN 'stay' THEN '#56B4E9' WHEN 'fill' THEN '#009E73' WHEN 'event' THEN '#E69F00' ELSE '#8a97a3' END,
				CASE WHEN p.flagged THEN ' stroke="#D55E00" stroke-width="2.5"' ELSE '' END, html_escape(concat(p.label, ' ', to_char(p.begins, 'YYYY-MM-DD'), '至' || to_char(p.ends, 'YYYY-MM-DD'))))
			|| CASE WHEN p.kind IN ('visit', 'event') THEN '</path>' ELSE '</rect>' END, '' ORDER BY p.flagged, p.nth) FROM placed AS p))) END;
END;

COMMENT ON FUNCTION svg_timeline(jsonb, date, date, text) IS
	'时间轴: what happened from one day to the day before another, as [{"row": "一院", "kind": "stay", "from": "2025-03-01", "to": "2025-03-05", "label": "住院号1", "flagged": true}], a lane a row: stays as bars, fills as thin ones, visits and events (without "to") as diamonds; what a finding names (flagged) has a red edge; NULL for NULL events or days, for a day without end, or where the second is not after the first';

CREATE OR REPLACE FUNCTION svg_curve(days date[], amounts numeric[], cap numeric DEFAULT NULL, unit text DEFAULT '', title text DEFAULT '存量曲线') RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH step AS (
		SELECT s.day, s.amount, row_number() OVER (ORDER BY s.day, s.nth) AS i, min(s.day) OVER () AS first_day, greatest(max(s.day) OVER () - min(s.day) OVER (), 1) AS span
		FROM (SELECT d.day, _svg_value(d.amount) AS amount, d.nth FROM ROWS FROM (unnest(svg_curve.days), unnest(svg_curve.amounts)) WITH ORDINALITY AS d (day, amount, nth)) AS s
		WHERE s.amount IS NOT NULL AND isfinite(s.day)
	), axis AS (
		SELECT CASE WHEN min(s.amount) < 0 THEN -_svg_top(-min(s.amount)) ELSE 0 END AS low, _svg_top(greatest(max(s.amount), _svg_value(svg_curve.cap), 0)) AS high FROM step AS s
	), placed AS (
		SELECT s.*, 66 + 640 * (s.day - s.first_day) / s.span::numeric AS x, 190 - 150 * (s.amount - a.low) / (a.high - a.low) AS y FROM step AS s CROSS JOIN axis AS a
	)
	SELECT CASE WHEN svg_curve.days IS NOT NULL AND svg_curve.amounts IS NOT NULL THEN _svg_frame(220, svg_curve.title, concat(
		(SELECT _svg_grid(a.low, a.high, 40, 190, svg_curve.unit) FROM axis AS a),
		(SELECT format('<path d="M62 %sH716" stroke="#D55E00" stroke-dasharray="7 4"/>', _svg_at(190 - 150 * (_svg_value(svg_curve.cap) - a.low) / (a.high - a.low)))
			|| _svg_text(70, 186 - 150 * (_svg_value(svg_curve.cap) - a.low) / (a.high - a.low), '上限 ' || _svg_amount(svg_curve.cap), ' font-size="11"') FROM axis AS a WHERE _svg_value(svg_curve.cap) IS NOT NULL),
		(SELECT format('<path d="%s" fill="none" stroke="#0072B2" stroke-width="2"/>', string_agg(CASE WHEN p.i = 1 THEN 'M' || _svg_at(p.x) || ' ' || _svg_at(p.y)
				ELSE 'H' || _svg_at(p.x) || 'V' || _svg_at(p.y) END, '' ORDER BY p.i)) FROM placed AS p HAVING count(*) > 0),
		(SELECT string_agg(format('<circle cx="%s" cy="%s" r="2.5" fill="%s"><title>%s</title></circle>', _svg_at(p.x), _svg_at(p.y),
				CASE WHEN p.amount > svg_curve.cap OR p.amount < 0 THEN '#D55E00' ELSE '#0072B2' END, html_escape(concat(to_char(p.day, 'YYYY-MM-DD'), ' ', p.amount, svg_curve.unit))), '' ORDER BY p.i) FROM placed AS p),
		(SELECT _svg_text(66, 210, to_char(min(s.day), 'YYYY-MM-DD'), ' font-size="11" fill="#5a6b7b"') || CASE WHEN max(s.day) > min(s.day)
			THEN _svg_text(706, 210, to_char(max(s.day), 'YYYY-MM-DD'), ' text-anchor="end" font-size="11" fill="#5a6b7b"') ELSE '' END FROM step AS s HAVING count(*) > 0))) END;
END;

COMMENT ON FUNCTION svg_curve(date[], numeric[], numeric, text, text) IS
	'存量曲线: an amount that changes in steps, as a stock or a supply of drugs, over days, with a cap where one is given; days and amounts above the cap, or below 0, have red dots; what is NULL or no number is left out; NULL for NULL days or amounts';
