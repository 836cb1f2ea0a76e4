-- What the law provides for: money back, fine, suspension, by article.

CREATE TABLE penalty_scale (
	article text NOT NULL CONSTRAINT penalty_scale_article CHECK (article ~ '^[A-Z][1-9][0-9]?$'),
	paragraph int CONSTRAINT penalty_scale_paragraph CHECK (paragraph > 0),
	circumstance text CHECK (btrim(circumstance) <> ''),
	region text CHECK (btrim(region) <> ''),
	valid daterange CHECK (NOT isempty(valid)),
	base text NOT NULL CONSTRAINT penalty_scale_base CHECK (base IN ('loss', 'fraud', 'none')),
	low_multiple numeric,
	high_multiple numeric,
	fixed_low numeric,
	fixed_high numeric,
	suspend_low int,
	suspend_high int,
	note text,
	shipped bool NOT NULL DEFAULT false,
	CONSTRAINT penalty_scale_multiple CHECK (num_nulls(low_multiple, high_multiple) IN (0, 2) AND (base <> 'none' OR low_multiple IS NULL)
		AND low_multiple >= 0::numeric AND low_multiple <= high_multiple AND high_multiple <= 100::numeric),
	CONSTRAINT penalty_scale_fixed CHECK (num_nulls(fixed_low, fixed_high) IN (0, 2)
		AND fixed_low >= 0::numeric AND fixed_low <= fixed_high AND fixed_high < 1e12),
	CONSTRAINT penalty_scale_suspend CHECK (num_nulls(suspend_low, suspend_high) IN (0, 2)
		AND suspend_low >= 0 AND suspend_low <= suspend_high)
);
CREATE UNIQUE INDEX ON penalty_scale (article, coalesce(paragraph, 0), coalesce(circumstance, ''), coalesce(region, ''),
	coalesce(valid, '(,)'::daterange), shipped);

COMMENT ON TABLE penalty_scale IS
	'处罚裁量基准: what an article of law provides for, by circumstance; rows of a region go before, of alike ones the one that begins latest, then yours (shipped false)';
COMMENT ON COLUMN penalty_scale.article IS '条: code of the article, as A38';
COMMENT ON COLUMN penalty_scale.paragraph IS '款: its paragraph; NULL: all of them';
COMMENT ON COLUMN penalty_scale.circumstance IS '情节: serious 拒不改正或造成严重后果, refused 拒不改正, or a step of your region; NULL: none in particular';
COMMENT ON COLUMN penalty_scale.region IS '区划: code of the region, with its parts; NULL: everywhere';
COMMENT ON COLUMN penalty_scale.valid IS '有效期间: days of the deed for which it holds; NULL: always';
COMMENT ON COLUMN penalty_scale.base IS '罚款基数: loss 造成损失金额, fraud 骗取金额, none: no money goes back';
COMMENT ON COLUMN penalty_scale.low_multiple IS '罚款下限倍数: of the base; NULL: no fine by multiples';
COMMENT ON COLUMN penalty_scale.high_multiple IS '罚款上限倍数: of the base';
COMMENT ON COLUMN penalty_scale.fixed_low IS '定额罚款下限: yuan; NULL: no fine of fixed money';
COMMENT ON COLUMN penalty_scale.fixed_high IS '定额罚款上限: yuan';
COMMENT ON COLUMN penalty_scale.suspend_low IS '暂停下限: months; NULL: nothing is suspended';
COMMENT ON COLUMN penalty_scale.suspend_high IS '暂停上限: months';
COMMENT ON COLUMN penalty_scale.note IS '说明: what the law says, in short';
COMMENT ON COLUMN penalty_scale.shipped IS '内置: comes with medaudit';

GRANT SELECT ON penalty_scale TO PUBLIC;
SELECT pg_extension_config_dump('penalty_scale', 'WHERE NOT shipped');
