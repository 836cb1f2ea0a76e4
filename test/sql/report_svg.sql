-- pictures: what is drawn, what is not, and that text stays text
\set SHOW_CONTEXT never
SET datestyle = iso;
\pset format unaligned
SELECT medaudit.html_escape($$<b>"Tom" & 'Ann'</b>$$), medaudit.html_escape(''), medaudit.html_escape(NULL) IS NULL AS none, medaudit.html_escape('清溪&amp;');
-- round numbers of axes
SELECT h, medaudit._svg_top(h), medaudit._svg_amount(h) FROM unnest('{0.03,1,1.01,7,99,100,2500,12345,123456789,1234567890123,0,-3,NULL}'::numeric[]) AS h;
SELECT v, medaudit._svg_value(v) FROM unnest('{1.5,NaN,Infinity,-Infinity,1e15,NULL}'::numeric[]) AS v;
-- labels are cut by what has room: Chinese characters, or half again as many Latin ones
SELECT medaudit._svg_label(l, 5), char_length(medaudit._svg_label(l, 5)) AS long FROM unnest(ARRAY['一二三四五', '一二三四五六', 'abcdefg', 'abcdefgh', '<&>', NULL]) AS l;
-- eight colours begin again
SELECT array_agg(medaudit._svg_colour(i) ORDER BY i) FROM generate_series(1, 8) AS i;

-- bars: one each, with its part, its number; NULL and NaN have none, a negative one neither
SELECT medaudit.svg_bars('{甲,乙<,丙,丁}', '{200,50,NULL,-3}', '{100}', '元', '标题"', true);
SELECT medaudit.svg_bars('{甲}', '{NaN}') ~ '<rect', medaudit.svg_bars('{甲}', '{NaN}') ~ '&#8212;', medaudit.svg_bars('{}', '{}') ~ '无数据', medaudit.svg_bars(NULL, '{1}') IS NULL, medaudit.svg_bars('{a}', NULL) IS NULL;
-- as long as the amounts say
WITH drawn AS (
	SELECT array_agg(round(300 * abs(sin(i)) + 1)::numeric ORDER BY i) AS amounts FROM generate_series(1, 20) AS i
), bar AS (
	SELECT b.width[1]::numeric AS width, b.nth FROM drawn AS d
	CROSS JOIN LATERAL regexp_matches(medaudit.svg_bars(array_fill('x'::text, '{20}'), d.amounts), 'width="([0-9.]+)" height="16"', 'g') WITH ORDINALITY AS b (width, nth)
)
SELECT count(*) AS bars, max(abs(b.width - round(340 * d.amounts[b.nth] / (SELECT max(a) FROM unnest(d.amounts) AS a), 1))) AS off FROM bar AS b CROSS JOIN drawn AS d;

-- lines: broken where a point is null or no number, each with a dash of its own
SELECT medaudit.svg_lines('{1月,2月,3月,4月}', '[{"name": "本年", "points": [1, 2, null, 3]}, {"name": "上年&", "points": [2, "x", -1, 4, 99]}]');
SELECT (regexp_matches(medaudit.svg_lines('{a,b,c}', '[{"points": [1, null, 3]}]'), '<path d="(M[^"]*)" fill="none"'))[1] AS broken,
	medaudit.svg_lines('{}', '[]') ~ '^<svg', medaudit.svg_lines(NULL, '[]') IS NULL, medaudit.svg_lines('{a}', NULL) IS NULL;
\set VERBOSITY sqlstate
SELECT medaudit.svg_lines('{a}', '{"name": "x"}');
\set VERBOSITY default

-- a funnel: who is beyond is named, the near miss is not; no cases, no dot.  99.8 %: 10 + 3.09 * 5 / sqrt(100) = 11.545
SELECT o.high, f ~ '>越界<' AS named, (SELECT count(*) FROM regexp_matches(f, '<circle', 'g')) AS dots, f ~ '#D55E00" stroke="#fff"' AS red
FROM (VALUES (11.54), (11.55)) AS o (high)
CROSS JOIN LATERAL medaudit.svg_funnel('{甲,越界,无,空}', '{400,100,0,9}', ARRAY[10, o.high, 10, NULL], 10, 5, '天') AS f;
SELECT medaudit.svg_funnel('{甲}', '{1}', '{1}', NULL, 1) IS NULL AS none, medaudit.svg_funnel('{甲}', '{NaN}', '{1}', 1, 0) ~ '<circle' AS dot;

-- a line of time: lanes in order, stays as bars, visits as diamonds, what is outside left out, what reaches beyond cut
SELECT medaudit.svg_timeline('[{"row": "一院", "kind": "stay", "from": "2025-01-10", "to": "2025-01-20", "label": "甲<", "flagged": true}, {"row": "二院", "kind": "visit", "from": "2025-01-15 10:00"},
	{"row": "药店", "kind": "fill", "from": "2024-12-01", "to": "2025-01-05"}, {"row": "一院", "kind": "event", "from": "2025-02-01"}]', '2025-01-01', '2025-02-01');
SELECT medaudit.svg_timeline('[]', '2025-01-01', '2025-01-01') IS NULL AS no_days, medaudit.svg_timeline(NULL, '2025-01-01', '2025-01-02') IS NULL AS none, medaudit.svg_timeline('[]', '2025-01-01', '2025-01-02') ~ '^<svg' AS empty;
\set VERBOSITY sqlstate
SET statement_timeout = '20s';
SELECT medaudit.svg_timeline('[]', '-infinity', '2025-01-01') IS NULL AS from_ever, medaudit.svg_timeline('[]', '2025-01-01', 'infinity') IS NULL AS to_ever;
RESET statement_timeout;
SELECT medaudit.svg_timeline('[{"row": "x", "from": "never"}]', '2025-01-01', '2025-01-02');
\set VERBOSITY default

-- a curve in steps, by day; above the cap and below 0 red
SELECT medaudit.svg_curve('{2025-01-03,2025-01-01,2025-01-02,infinity,2025-01-05}', '{30,10,-5,9,NaN}', 20, '天');
SELECT medaudit.svg_curve('{}', '{}') ~ '^<svg' AS empty, medaudit.svg_curve(NULL, '{}') IS NULL AS none, medaudit.svg_curve('{2025-01-01}', '{1}', 'NaN') ~ '上限' AS cap;

-- all of them may run in parallel, and none is volatile
SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'medaudit'::regnamespace AND p.proname ~ '^svg_' AND (p.provolatile = 'v' OR p.proparallel <> 's');
