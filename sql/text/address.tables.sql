-- Addresses: one key per home, the tables of divisions and words, groups of linked people.

CREATE TABLE division (
	code text NOT NULL CHECK (code ~ '^[1-9][0-9]{5}$'),
	name text NOT NULL CHECK (name !~ '[\n\r]' AND octet_length(name) BETWEEN 1 AND 200),
	shipped boolean NOT NULL DEFAULT false,
	PRIMARY KEY (code, name)
);

COMMENT ON TABLE division IS
	'行政区划: provinces, cities and counties by the codes of GB/T 2260. Add old or local names under the code they stand for, with shipped false: those rows are dumped, shipped ones are not. The table works through compile_divisions(); household_key(address) alone uses the divisions of the build';
COMMENT ON COLUMN division.code IS
	'行政区划代码: six digits; 510000 a province, 510100 a city, 510107 a county';
COMMENT ON COLUMN division.name IS
	'名称: the name in full, 四川省, 成都市, 武侯区; several names may share a code';
COMMENT ON COLUMN division.shipped IS
	'随扩展提供: the row came with the extension';

-- Read by compile_divisions() with the rights of its caller.
GRANT SELECT ON division TO PUBLIC;

SELECT pg_extension_config_dump('division', 'WHERE NOT shipped');

CREATE TABLE address_word (
	kind text NOT NULL CHECK (kind IN ('town', 'village', 'road', 'house', 'lane', 'building', 'unit', 'floor', 'room',
		'group', 'company', 'numbered', 'estate', 'zone', 'care_home', 'institution', 'beside', 'side', 'room_side', 'part',
		'storey', 'postcode', 'common', 'no_name', 'no_division', 'filler', 'level', 'corps')),
	word text NOT NULL CHECK (word !~ '[\t\n\r]' AND octet_length(word) BETWEEN 1 AND 60 AND normalize_text(word) <> ''::text),
	canonical text CHECK (canonical !~ '[\t\n\r]' AND octet_length(canonical) BETWEEN 1 AND 60),
	not_before text CHECK (not_before !~ '[\t\n\r]' AND octet_length(not_before) BETWEEN 1 AND 200),
	shipped boolean NOT NULL DEFAULT false,
	CHECK (canonical IS NULL OR kind IN ('town', 'village', 'road', 'storey')),
	CHECK (not_before IS NULL OR kind IN ('town', 'village', 'road', 'house', 'lane', 'building', 'unit', 'floor', 'room', 'group', 'company')),
	PRIMARY KEY (kind, word, shipped)
);

COMMENT ON TABLE address_word IS
	'地址用词: the words by which addresses are read. A row of yours (shipped false) goes before the shipped ones, and in place of the shipped one of the same kind and word; it is dumped. The table works through compile_divisions(); household_key(address) alone uses the words of the build';
COMMENT ON COLUMN address_word.kind IS
	'用途: what the word means. Behind a name: town, village, road. Behind a number: house, lane, building, unit, floor, room, group, company. At the end of a name: estate, zone; in one: care_home, institution, and beside behind these. Behind 东 or A: side, room_side, part. The rest: storey, numbered, postcode, common, no_name, no_division, filler, level, corps';
COMMENT ON COLUMN address_word.word IS
	'用词: the word, in any spelling that normalize_text makes equal';
COMMENT ON COLUMN address_word.canonical IS
	'归一用词: what the key holds instead, of towns, villages, roads and storeys (村委会: 村); NULL: the word itself';
COMMENT ON COLUMN address_word.not_before IS
	'不计条件: characters before which the word does not count, of words behind names and numbers: 镇 before 路 is part of the name';
COMMENT ON COLUMN address_word.shipped IS
	'随扩展提供: the row came with the extension';

-- Read by compile_divisions() with the rights of its caller.
GRANT SELECT ON address_word TO PUBLIC;

SELECT pg_extension_config_dump('address_word', 'WHERE NOT shipped');

CREATE TYPE link_group AS (group_no int, people int, person_ids text[], kinds text[]);

COMMENT ON TYPE link_group IS
	'关联人群: people who hang together by values they share';
COMMENT ON COLUMN link_group.group_no IS
	'组号: 1, 2, … in the order of the least person_id';
COMMENT ON COLUMN link_group.people IS
	'人数: number of people';
COMMENT ON COLUMN link_group.person_ids IS
	'人员编号: the people, sorted bytewise';
COMMENT ON COLUMN link_group.kinds IS
	'关联方式: the kinds of values that link them, sorted bytewise';
