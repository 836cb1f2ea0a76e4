-- Addresses: one key per home, the division table, groups of linked people.

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
