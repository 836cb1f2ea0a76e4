-- Planted violations, and beside each the near miss that must stay silent.
--
-- A case is written once: its visits, its lines, what must come of it.  It is
-- planted six times over, for other people, hospitals of the same level and
-- months, so that counts mean something.  The people have no other claims.
-- demo.truth holds what must be found, with the money to the cent, and what
-- must not.
--
-- Times are written as 'day hour:minute', counted from the day on which an
-- instance begins.  Hospitals A to D are four county hospitals of one level, T is a
-- tertiary one, E are township ones, F is of the second level without grade;
-- G and I to L are houses of eight beds, one an instance, where nobody else goes.

\set ON_ERROR_STOP 1
\if :{?instances} \else \set instances 6 \endif
SET client_min_messages = warning;
SET jit = off;

CREATE TABLE demo.case_ (
	case_id text PRIMARY KEY, rule text NOT NULL, expected text NOT NULL
		CHECK (expected IN ('found', 'silent')),
	gross numeric, anchor text NOT NULL DEFAULT 'day', note text NOT NULL,
	times int NOT NULL DEFAULT 1, also text);
COMMENT ON COLUMN demo.case_.gross IS 'yuan in excess, NULL for patterns of stays';
COMMENT ON COLUMN demo.case_.also IS 'another rule that rightly finds it too';
COMMENT ON COLUMN demo.case_.times IS 'findings that an instance must give, where it must be found';
-- Without a row here a case has one stay: from 0 09:00 to 6 10:00 at A.
CREATE TABLE demo.case_visit (
	case_id text REFERENCES demo.case_, v text, who int, home int, hospital text, med_type text,
	begins text, ends text, diag_code text, settlements int DEFAULT 1,
	flag text);
COMMENT ON COLUMN demo.case_visit.diag_code IS 'the main diagnosis, others after a comma';
COMMENT ON COLUMN demo.case_visit.flag IS 'referred, newborn, male, female, "age N on day D", or "bed only from N to M"';
CREATE TABLE demo.case_line (
	case_id text REFERENCES demo.case_, v text, sn text, item text, quantity numeric, price numeric,
	at text, refund_of text, claimed bool DEFAULT true);
-- What is in the register of somebody: another number, sex or birth date than
-- the person has, or a death.
CREATE TABLE demo.case_person (
	case_id text REFERENCES demo.case_, who int, record text NOT NULL CHECK (record IN
		('wrong check character', 'fifteen digits', 'full width', 'masked', 'other sex',
		 'born a day later', 'number of 1', 'person 1 again', 'dies')),
	day int, PRIMARY KEY (case_id, who));
COMMENT ON COLUMN demo.case_person.day IS 'of the death, counted as times are';
-- The names by which the cases below call what is charged.
CREATE TABLE demo.case_item (item text PRIMARY KEY, code text NOT NULL, price numeric NOT NULL);
CREATE TABLE demo.case_rule (rule text PRIMARY KEY, rule_code text NOT NULL);

\ir planted_items.sql

-- ------------------------------------------------------- duplicate charges

INSERT INTO demo.case_ VALUES
('重复 twice in a day', 'dup', 'found', 120, 'day', 'the same item, quantity and amount twice on one date'),
('重复 refunded by reference', 'dup', 'silent', NULL, 'day', 'the second one is taken back, the refund names it'),
('重复 refunded without reference', 'dup', 'silent', NULL, 'day', 'the second one is taken back, the refund names nothing'),
('重复 same line number in two visits', 'dup', 'silent', NULL, 'day', 'line 1 of two visits, three days apart: a line number is unique only within its visit'),
('重复 refund names a number of its own visit', 'dup', 'found', 120, 'day', 'lines 1 and 2 stand; the refund of line 1 in the next visit takes from that visit'),
('重复 refund at another hospital', 'dup', 'found', 120, 'day', 'what another hospital takes back does not heal this one''s double charge'),
('重复 only a refund at another hospital', 'dup', 'silent', NULL, 'day', 'one charge here, a refund without a charge there: nothing is in excess'),
('重复 other quantity', 'dup', 'silent', NULL, 'day', 'once 1, once 2: not the same charge twice'),
('重复 next day', 'dup', 'silent', NULL, 'day', 'the same again on the next date'),
('重复 self-paid', 'dup', 'silent', NULL, 'day', 'the second one was not claimed');
INSERT INTO demo.case_visit VALUES
('重复 same line number in two visits', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'M54.500', 1),
('重复 same line number in two visits', 'b', 1, 1, 'A', '11', '3 09:00', '3 10:00', 'M54.500', 1),
('重复 refund names a number of its own visit', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'M54.500', 1),
('重复 refund names a number of its own visit', 'b', 1, 1, 'A', '11', '3 09:00', '3 10:00', 'M54.500', 1),
('重复 refund at another hospital', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'M54.500', 1),
('重复 refund at another hospital', 'b', 1, 1, 'B', '11', '0 14:00', '0 15:00', 'M54.500', 1),
('重复 only a refund at another hospital', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'M54.500', 1),
('重复 only a refund at another hospital', 'b', 1, 1, 'B', '11', '0 14:00', '0 15:00', 'M54.500', 1);
INSERT INTO demo.case_line VALUES
('重复 twice in a day', 'a', '1', 'twin', 1, NULL, '1 09:00', NULL, true),
('重复 twice in a day', 'a', '2', 'twin', 1, NULL, '1 15:30', NULL, true),
('重复 refunded by reference', 'a', '1', 'twin', 1, NULL, '1 09:00', NULL, true),
('重复 refunded by reference', 'a', '2', 'twin', 1, NULL, '1 09:05', NULL, true),
('重复 refunded by reference', 'a', '3', 'twin', -1, NULL, '1 16:00', '2', true),
('重复 refunded without reference', 'a', '1', 'twin', 1, NULL, '1 09:00', NULL, true),
('重复 refunded without reference', 'a', '2', 'twin', 1, NULL, '1 09:05', NULL, true),
('重复 refunded without reference', 'a', '3', 'twin', -1, NULL, '2 16:00', NULL, true),
('重复 same line number in two visits', 'a', '1', 'twin', 1, NULL, '0 09:10', NULL, true),
('重复 same line number in two visits', 'b', '1', 'twin', 1, NULL, '3 09:10', NULL, true),
('重复 refund names a number of its own visit', 'a', '1', 'twin', 1, NULL, '0 09:10', NULL, true),
('重复 refund names a number of its own visit', 'a', '2', 'twin', 1, NULL, '0 09:20', NULL, true),
('重复 refund names a number of its own visit', 'b', '1', 'twin', 1, NULL, '3 09:10', NULL, true),
('重复 refund names a number of its own visit', 'b', '2', 'twin', -1, NULL, '3 09:30', '1', true),
('重复 refund at another hospital', 'a', '1', 'twin', 1, NULL, '0 09:10', NULL, true),
('重复 refund at another hospital', 'a', '2', 'twin', 1, NULL, '0 09:20', NULL, true),
('重复 refund at another hospital', 'b', '2', 'twin', -1, NULL, '0 14:30', '2', true),
('重复 only a refund at another hospital', 'a', '1', 'twin', 1, NULL, '0 09:10', NULL, true),
('重复 only a refund at another hospital', 'b', '1', 'twin', -1, NULL, '0 14:30', '1', true),
('重复 other quantity', 'a', '1', 'twin', 1, NULL, '1 09:00', NULL, true),
('重复 other quantity', 'a', '2', 'twin', 2, NULL, '1 09:10', NULL, true),
('重复 next day', 'a', '1', 'twin', 1, NULL, '1 09:00', NULL, true),
('重复 next day', 'a', '2', 'twin', 1, NULL, '2 09:00', NULL, true),
('重复 self-paid', 'a', '1', 'twin', 1, NULL, '1 09:00', NULL, true),
('重复 self-paid', 'a', '2', 'twin', 1, NULL, '1 15:30', NULL, false);

-- --------------------------------------------------------- exclusive items

INSERT INTO demo.case_ VALUES
('互斥 same day', 'exday', 'found', 16, 'day', 'the part is charged while the whole that contains it is charged'),
('互斥 ten to midnight', 'exday', 'silent', NULL, 'day', '23:50 and 00:10 are two dates'),
('互斥 part refunded', 'exday', 'silent', NULL, 'day', 'the part was taken back'),
('互斥 whole refunded', 'exday', 'silent', NULL, 'day', 'the whole was taken back, the part stands'),
('互斥 part self-paid', 'exday', 'silent', NULL, 'day', 'nothing was claimed for the part'),
('互斥 whole self-paid', 'exday', 'found', 16, 'day', 'a self-paid whole is still there'),
('互斥 someone else', 'exday', 'silent', NULL, 'day', 'the whole for one, the part for another of the same home'),
('互斥 one visit', 'exvisit', 'found', 50, 'day', 'days apart, but in one visit'),
('互斥 two visits', 'exvisit', 'silent', NULL, 'day', 'the part in another visit'),
('互斥 six hours', 'exhours', 'found', 30, 'day', 'exactly six hours apart: both ends are inside'),
('互斥 six hours and a minute', 'exhours', 'silent', NULL, 'day', 'one minute outside'),
('互斥 six hours over midnight', 'exhours', 'found', 30, 'day', '23:50 and 00:10 are twenty minutes apart'),
('互斥 posted at midnight', 'exhours', 'silent', NULL, 'day', 'the day was posted at 00:00:00: hours cannot be judged, and that is said, not guessed'),
('互斥 posted in one go', 'exhours', 'silent', NULL, 'day', 'all five lines of the day carry one clock time: it is when somebody posted');
INSERT INTO demo.case_visit VALUES
('互斥 someone else', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'I25.103', 1),
('互斥 someone else', 'b', 2, 1, 'A', '21', '3 09:00', '12 10:00', 'K80.200', 1),
('互斥 posted in one go', 'a', 1, 1, 'A', '11', '1 11:20', '1 11:50', 'K29.500', 1),
('互斥 two visits', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1),
('互斥 two visits', 'b', 1, 1, 'A', '11', '2 09:00', '2 10:00', 'K29.500', 1);
INSERT INTO demo.case_line VALUES
('互斥 same day', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 same day', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 ten to midnight', 'a', '1', 'exday.whole', 1, NULL, '1 23:50', NULL, true),
('互斥 ten to midnight', 'a', '2', 'exday.part', 1, NULL, '2 00:10', NULL, true),
('互斥 part refunded', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 part refunded', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 part refunded', 'a', '3', 'exday.part', -1, NULL, '3 14:30', '2', true),
('互斥 whole refunded', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 whole refunded', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 whole refunded', 'a', '3', 'exday.whole', -1, NULL, '1 16:30', '1', true),
('互斥 part self-paid', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 part self-paid', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, false),
('互斥 whole self-paid', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, false),
('互斥 whole self-paid', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 someone else', 'a', '1', 'exday.whole', 1, NULL, '4 09:00', NULL, true),
('互斥 someone else', 'b', '1', 'exday.part', 1, NULL, '4 14:30', NULL, true),
('互斥 one visit', 'a', '1', 'exvisit.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 one visit', 'a', '2', 'exvisit.part', 1, NULL, '3 09:30', NULL, true),
('互斥 two visits', 'a', '1', 'exvisit.whole', 1, NULL, '0 09:10', NULL, true),
('互斥 two visits', 'b', '1', 'exvisit.part', 1, NULL, '2 09:30', NULL, true),
('互斥 two visits', 'b', '2', 'exvisit.other', 1, NULL, '2 09:20', NULL, true),
('互斥 six hours', 'a', '1', 'exhours.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 six hours', 'a', '2', 'exhours.part', 1, NULL, '1 15:00', NULL, true),
('互斥 six hours and a minute', 'a', '1', 'exhours.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 six hours and a minute', 'a', '2', 'exhours.part', 1, NULL, '1 15:01', NULL, true),
('互斥 six hours over midnight', 'a', '1', 'exhours.whole', 1, NULL, '1 23:50', NULL, true),
('互斥 six hours over midnight', 'a', '2', 'exhours.part', 1, NULL, '2 00:10', NULL, true),
('互斥 posted at midnight', 'a', '1', 'exhours.whole', 1, NULL, '1 00:00', NULL, true),
('互斥 posted at midnight', 'a', '2', 'exhours.part', 1, NULL, '1 00:00', NULL, true),
('互斥 posted in one go', 'a', '1', 'exhours.whole', 1, NULL, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '2', 'exhours.part', 1, NULL, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '3', 'filler', 1, 7.1, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '4', 'filler', 1, 7.2, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '5', 'filler', 1, 7.3, '1 11:27', NULL, true);

-- -------------------------------------------------- quantities over time

INSERT INTO demo.case_ VALUES
('数量 two a day', 'daycap', 'found', 10, 'day', '2 in one line where a day has 1: the second, not the line'),
('数量 one a day', 'daycap', 'silent', NULL, 'day', 'exactly the cap, five days running'),
('数量 refunded to the cap', 'daycap', 'silent', NULL, 'day', '2 charged, 1 taken back'),
('数量 self-paid under a cap', 'daycap', 'silent', NULL, 'day', 'the second one was not claimed and counts toward no cap'),
('数量 24 hours over two dates', 'hourcap', 'silent', NULL, 'day', '12, 24 and 10 hours on three dates'),
('数量 26 hours in a day', 'hourcap', 'found', 12, 'day', '14 and 12 hours on one date: 2 hours of 6 yuan are too many'),
('周期 nine days', 'period15', 'found', 60, 'day', 'again after nine days where fifteen are due'),
('周期 two hospitals', 'period15', 'found', 60, 'day', 'again after nine days at another hospital'),
('周期 15 days by date, not by clock', 'period15', 'silent', NULL, 'day', '16:00, and 08:00 fifteen dates later: 14 days and 16 hours by the clock'),
('周期 14 days by date', 'period15', 'found', 60, 'day', '08:00, and 16:00 fourteen dates later: within 15 consecutive dates'),
('周期 every 14 days an hour earlier', 'period14', 'silent', NULL, 'day', 'each time exactly 14 dates after the last, whatever the clock'),
('周期 every 13 days', 'period14', 'found', 60, 'day', 'on days 0, 13 and 26: the second is refused, and the third is then 26 days after the first');
INSERT INTO demo.case_visit VALUES
('周期 nine days', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'E11.900', 1),
('周期 nine days', 'b', 1, 1, 'A', '11', '9 09:00', '9 10:00', 'E11.900', 1),
('周期 two hospitals', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'E11.900', 1),
('周期 two hospitals', 'b', 1, 1, 'B', '11', '9 09:00', '9 10:00', 'E11.900', 1),
('周期 15 days by date, not by clock', 'a', 1, 1, 'A', '11', '0 15:30', '0 16:30', 'E11.900', 1),
('周期 15 days by date, not by clock', 'b', 1, 1, 'A', '11', '15 07:50', '15 08:30', 'E11.900', 1),
('周期 14 days by date', 'a', 1, 1, 'A', '11', '0 07:50', '0 08:30', 'E11.900', 1),
('周期 14 days by date', 'b', 1, 1, 'A', '11', '14 15:50', '14 16:30', 'E11.900', 1),
('周期 every 14 days an hour earlier', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'M54.500', 1),
('周期 every 14 days an hour earlier', 'b', 1, 1, 'A', '11', '14 08:50', '14 10:00', 'M54.500', 1),
('周期 every 14 days an hour earlier', 'c', 1, 1, 'A', '11', '28 07:50', '28 09:00', 'M54.500', 1),
('周期 every 13 days', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'M54.500', 1),
('周期 every 13 days', 'b', 1, 1, 'A', '11', '13 09:50', '13 11:00', 'M54.500', 1),
('周期 every 13 days', 'c', 1, 1, 'A', '11', '26 09:50', '26 11:00', 'M54.500', 1);
INSERT INTO demo.case_line VALUES
('数量 two a day', 'a', '1', 'daycap', 2, NULL, '1 09:00', NULL, true),
('数量 two a day', 'a', '2', 'daycap', 1, NULL, '2 09:00', NULL, true),
('数量 one a day', 'a', '1', 'daycap', 1, NULL, '1 09:00', NULL, true),
('数量 one a day', 'a', '2', 'daycap', 1, NULL, '2 08:00', NULL, true),
('数量 one a day', 'a', '3', 'daycap', 1, NULL, '3 07:00', NULL, true),
('数量 one a day', 'a', '4', 'daycap', 1, NULL, '4 23:59', NULL, true),
('数量 one a day', 'a', '5', 'daycap', 1, NULL, '5 00:01', NULL, true),
('数量 refunded to the cap', 'a', '1', 'daycap', 2, NULL, '1 09:00', NULL, true),
('数量 refunded to the cap', 'a', '2', 'daycap', -1, NULL, '2 09:00', NULL, true),
('数量 self-paid under a cap', 'a', '1', 'daycap', 1, NULL, '1 09:00', NULL, false),
('数量 self-paid under a cap', 'a', '2', 'daycap', 1, NULL, '1 15:00', NULL, true),
('数量 24 hours over two dates', 'a', '1', 'hourcap', 12, NULL, '1 12:00', NULL, true),
('数量 24 hours over two dates', 'a', '2', 'hourcap', 24, NULL, '2 00:01', NULL, true),
('数量 24 hours over two dates', 'a', '3', 'hourcap', 10, NULL, '3 00:01', NULL, true),
('数量 26 hours in a day', 'a', '1', 'hourcap', 14, NULL, '1 08:00', NULL, true),
('数量 26 hours in a day', 'a', '2', 'hourcap', 12, NULL, '1 20:00', NULL, true),
('周期 nine days', 'a', '1', 'period15', 1, NULL, '0 09:10', NULL, true),
('周期 nine days', 'b', '1', 'period15', 1, NULL, '9 09:10', NULL, true),
('周期 two hospitals', 'a', '1', 'period15', 1, NULL, '0 09:10', NULL, true),
('周期 two hospitals', 'b', '1', 'period15', 1, NULL, '9 09:10', NULL, true),
('周期 15 days by date, not by clock', 'a', '1', 'period15', 1, NULL, '0 16:00', NULL, true),
('周期 15 days by date, not by clock', 'b', '1', 'period15', 1, NULL, '15 08:00', NULL, true),
('周期 14 days by date', 'a', '1', 'period15', 1, NULL, '0 08:00', NULL, true),
('周期 14 days by date', 'b', '1', 'period15', 1, NULL, '14 16:00', NULL, true),
('周期 every 14 days an hour earlier', 'a', '1', 'period14', 1, NULL, '0 10:00', NULL, true),
('周期 every 14 days an hour earlier', 'b', '1', 'period14', 1, NULL, '14 09:00', NULL, true),
('周期 every 14 days an hour earlier', 'c', '1', 'period14', 1, NULL, '28 08:00', NULL, true),
('周期 every 13 days', 'a', '1', 'period14', 1, NULL, '0 10:00', NULL, true),
('周期 every 13 days', 'b', '1', 'period14', 1, NULL, '13 10:00', NULL, true),
('周期 every 13 days', 'c', '1', 'period14', 1, NULL, '26 10:00', NULL, true);

-- ------------------------------------------------------ amounts and prices

INSERT INTO demo.case_ VALUES
('金额 above the cap', 'amountcap', 'found', 60, 'day', 'the money that two items of one set cost on a day above their cap, not the lines'),
('金额 at the cap', 'amountcap', 'silent', NULL, 'day', 'exactly the cap'),
('金额 refunded to the cap', 'amountcap', 'silent', NULL, 'day', 'a refund brings it back'),
('金额 self-paid under a cap', 'amountcap', 'silent', NULL, 'day', 'what was not claimed counts toward no cap'),
('超标准 above the price', 'price', 'found', 24, 'day', 'two at 12 yuan above the cap'),
('超标准 at the price', 'price', 'silent', NULL, 'day', 'at the cap'),
('超标准 a cent', 'price', 'silent', NULL, 'day', 'a cent above it is rounding'),
('超标准 refunded', 'price', 'silent', NULL, 'day', 'charged too dear, taken back, charged rightly'),
('超标准 self-paid', 'price', 'silent', NULL, 'day', 'too dear, but nothing was claimed for it');
INSERT INTO demo.case_line VALUES
('金额 above the cap', 'a', '1', 'amountcap', 1, 1, '1 09:00', NULL, true),
('金额 above the cap', 'a', '2', 'amountcap.other', 1, 1.4, '1 15:00', NULL, true),
('金额 at the cap', 'a', '1', 'amountcap', 1, 1, '1 09:00', NULL, true),
('金额 at the cap', 'a', '2', 'amountcap.other', 1, 1, '1 15:00', NULL, true),
('金额 refunded to the cap', 'a', '1', 'amountcap', 2, 1, '1 09:00', NULL, true),
('金额 refunded to the cap', 'a', '2', 'amountcap', 1, 0.5, '1 15:00', NULL, true),
('金额 refunded to the cap', 'a', '3', 'amountcap', -1, 0.5, '2 15:00', '2', true),
('金额 self-paid under a cap', 'a', '1', 'amountcap', 1, 1.2, '1 09:00', NULL, true),
('金额 self-paid under a cap', 'a', '2', 'amountcap', 1, 1.2, '1 15:00', NULL, false),
('超标准 above the price', 'a', '1', 'price', 2, 12, '1 09:00', NULL, true),
('超标准 at the price', 'a', '1', 'price', 2, 0, '1 09:00', NULL, true),
('超标准 a cent', 'a', '1', 'price', 1, 0.01, '1 09:00', NULL, true),
('超标准 refunded', 'a', '1', 'price', 1, 12, '1 09:00', NULL, true),
('超标准 refunded', 'a', '2', 'price', -1, 12, '1 09:30', '1', true),
('超标准 refunded', 'a', '3', 'price', 1, 0, '1 09:31', NULL, true),
('超标准 self-paid', 'a', '1', 'price', 1, 12, '1 09:00', NULL, false);

-- ------------------------------------------------- more of charges and time

INSERT INTO demo.case_ (case_id, rule, expected, gross, anchor, note, also) VALUES
('重复 at one instant', 'dupinstant', 'found', 20, 'day', 'the same charge twice at one instant', NULL),
('重复 half an hour later', 'dupinstant', 'silent', NULL, 'day', 'again half an hour later', NULL),
('重复 posted at midnight', 'dupinstant', 'silent', NULL, 'day', 'the day was posted at 00:00:00: instants cannot be judged', NULL),
('互斥 same hour', 'exhour', 'found', 6, 'day', 'within one hour of the clock', NULL),
('互斥 next hour', 'exhour', 'silent', NULL, 'day', '10:59 and 11:01 are two hours of the clock', NULL),
('数量 five in a week', 'weekcap', 'found', 400, 'week', 'Monday to Sunday: the fifth', NULL),
('数量 five over two weeks', 'weekcap', 'silent', NULL, 'week', 'five in seven days, but three before Monday and two after', NULL),
('超标准 before the price changed', 'price', 'found', 2, 'year', '22 yuan on 31 December, when 20 were allowed', NULL),
('超标准 after the price changed', 'price', 'silent', NULL, 'year', '22 yuan on 1 January, when 25 were allowed', NULL),
('超标准 of another class', 'price', 'found', 10, 'day', 'the price of a tertiary hospital charged by a secondary one', NULL),
('超标准 of its own class', 'price', 'silent', NULL, 'day', 'the same price charged by a tertiary hospital', NULL),
('超住院天数 one more', 'bedday', 'found', 10, 'day', 'eight days of care in a stay of seven dates', 'daycap'),
('超住院天数 as many', 'bedday', 'silent', NULL, 'day', 'one on each of the seven dates, discharge date included', NULL),
('主次手术 both in full', 'secondary', 'found', 400, 'day', 'two operations through one incision, the second at its full price', NULL),
('主次手术 second at half', 'secondary', 'silent', NULL, 'day', 'the second at half its price', NULL),
('主次手术 two days', 'secondary', 'silent', NULL, 'day', 'on two dates', NULL),
('主次手术 two regions', 'secondary', 'silent', NULL, 'day', 'operations of two groups', NULL),
('限定 for women', 'limits', 'found', 30, 'day', 'a man', NULL),
('限定 for women, a woman', 'limits', 'silent', NULL, 'day', 'a woman', NULL),
('限定 below seven, seven today', 'limits', 'found', 12, 'day', 'seven years old on the day of the charge', NULL),
('限定 below seven, seven tomorrow', 'limits', 'silent', NULL, 'day', 'the day before', NULL),
('限定 level, township', 'limits', 'found', 150, 'day', 'a hospital of the first level where the second is asked', NULL),
('限定 level 13', 'limits', 'silent', NULL, 'day', 'code 13 is a hospital of the second level', NULL),
('限定 diagnosis', 'limits', 'found', 55, 'day', 'no diagnosis that allows it', NULL),
('限定 second diagnosis', 'limits', 'silent', NULL, 'day', 'the second diagnosis allows it', NULL),
('诊断 man in childbed', 'diagnosis', 'found', NULL, 'day', 'a diagnosis that he cannot have', NULL),
('诊断 woman in childbed', 'diagnosis', 'silent', NULL, 'day', 'and that she can', NULL),
('疗程 sixteen days', 'course', 'found', 60, 'day', 'sixteen dates where fourteen are paid', NULL),
('疗程 fourteen days, twice on two', 'course', 'silent', NULL, 'day', 'sixteen times on fourteen dates', NULL),
('关联 without its anaesthesia', 'needs', 'found', 50, 'day', 'monitoring of an anaesthesia that nobody charged', NULL),
('关联 with another anaesthesia', 'needs', 'silent', NULL, 'day', 'any of the kinds of anaesthesia will do', NULL),
('住院期间外 a day after', 'outside', 'found', 10, 'day', 'nursing on the day after discharge', NULL),
('住院期间外 on the last day', 'outside', 'silent', NULL, 'day', 'nursing at 23:59 of the discharge date', NULL),
('重复结算 in two visits', 'resettled', 'found', 400, 'day', 'the same time, quantity and amount under another visit', NULL),
('重复结算 another time', 'resettled', 'silent', NULL, 'day', 'the same, two days later', NULL),
('重复结算 taken back', 'resettled', 'silent', NULL, 'day', 'settled again after the first was taken back', NULL);
INSERT INTO demo.case_visit VALUES
('重复 posted at midnight', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'I25.103', 1, NULL),
('数量 five in a week', 'a', 1, 1, 'A', '21', '0 07:00', '8 10:00', 'N18.500', 1, NULL),
('数量 five over two weeks', 'a', 1, 1, 'A', '21', '3 07:00', '12 10:00', 'N18.500', 1, NULL),
('超标准 of its own class', 'a', 1, 1, 'T', '21', '0 09:00', '6 10:00', 'K80.200', 1, NULL),
('限定 for women', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'K29.500', 1, 'male'),
('限定 for women, a woman', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'Z34.900', 1, 'female'),
('限定 below seven, seven today', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'J06.900', 1, 'age 7 on day 1'),
('限定 below seven, seven tomorrow', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'J06.900', 1, 'age 7 on day 2'),
('限定 level, township', 'a', 1, 1, 'E', '21', '0 09:00', '6 10:00', 'K29.500', 1, NULL),
('限定 level 13', 'a', 1, 1, 'F', '21', '0 09:00', '6 10:00', 'K29.500', 1, NULL),
('限定 diagnosis', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'M54.500', 1, NULL),
('限定 second diagnosis', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'M54.500,M81.900', 1, NULL),
('诊断 man in childbed', 'a', 1, 1, 'A', '21', '0 09:00', '4 10:00', 'O80.000', 1, 'male'),
('诊断 woman in childbed', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('疗程 sixteen days', 'a', 1, 1, 'A', '21', '0 07:00', '20 10:00', 'I63.900', 1, NULL),
('疗程 fourteen days, twice on two', 'a', 1, 1, 'A', '21', '0 07:00', '20 10:00', 'I63.900', 1, NULL),
('重复结算 in two visits', 'a', 1, 1, 'A', '11', '0 08:00', '0 12:00', 'N18.500', 1, NULL),
('重复结算 in two visits', 'b', 1, 1, 'A', '11', '0 08:00', '0 12:30', 'N18.500', 1, NULL),
('重复结算 another time', 'a', 1, 1, 'A', '11', '0 08:00', '0 12:00', 'N18.500', 1, NULL),
('重复结算 another time', 'b', 1, 1, 'A', '11', '2 08:00', '2 12:30', 'N18.500', 1, NULL),
('重复结算 taken back', 'a', 1, 1, 'A', '11', '0 08:00', '0 12:00', 'N18.500', 1, NULL),
('重复结算 taken back', 'b', 1, 1, 'A', '11', '0 08:00', '0 12:30', 'N18.500', 1, NULL);
INSERT INTO demo.case_line VALUES
('重复 at one instant', 'a', '1', 'dupinstant', 1, NULL, '1 09:00', NULL, true),
('重复 at one instant', 'a', '2', 'dupinstant', 1, NULL, '1 09:00', NULL, true),
('重复 half an hour later', 'a', '1', 'dupinstant', 1, NULL, '1 09:00', NULL, true),
('重复 half an hour later', 'a', '2', 'dupinstant', 1, NULL, '1 09:30', NULL, true),
('重复 posted at midnight', 'a', '1', 'dupinstant', 1, NULL, '1 00:00', NULL, true),
('重复 posted at midnight', 'a', '2', 'dupinstant', 1, NULL, '1 00:00', NULL, true),
('重复 posted at midnight', 'a', '3', 'filler', 1, 7, '1 00:00', NULL, true),
('互斥 same hour', 'a', '1', 'exhour.whole', 1, NULL, '1 10:05', NULL, true),
('互斥 same hour', 'a', '2', 'exhour.part', 1, NULL, '1 10:50', NULL, true),
('互斥 next hour', 'a', '1', 'exhour.whole', 1, NULL, '1 10:59', NULL, true),
('互斥 next hour', 'a', '2', 'exhour.part', 1, NULL, '1 11:01', NULL, true),
('数量 five in a week', 'a', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true),
('数量 five in a week', 'a', '2', 'weekcap', 1, NULL, '1 09:00', NULL, true),
('数量 five in a week', 'a', '3', 'weekcap', 1, NULL, '2 09:00', NULL, true),
('数量 five in a week', 'a', '4', 'weekcap', 1, NULL, '4 09:00', NULL, true),
('数量 five in a week', 'a', '5', 'weekcap', 1, NULL, '6 23:30', NULL, true),
('数量 five over two weeks', 'a', '1', 'weekcap', 1, NULL, '4 09:00', NULL, true),
('数量 five over two weeks', 'a', '2', 'weekcap', 1, NULL, '5 09:00', NULL, true),
('数量 five over two weeks', 'a', '3', 'weekcap', 1, NULL, '6 09:00', NULL, true),
('数量 five over two weeks', 'a', '4', 'weekcap', 1, NULL, '7 09:00', NULL, true),
('数量 five over two weeks', 'a', '5', 'weekcap', 1, NULL, '9 09:00', NULL, true),
('超标准 before the price changed', 'a', '1', 'consultation', 1, 22, '1 09:00', NULL, true),
('超标准 after the price changed', 'a', '1', 'consultation', 1, 22, '2 09:00', NULL, true),
('超标准 of another class', 'a', '1', 'bed', 1, 55, '1 09:00', NULL, true),
('超标准 of its own class', 'a', '1', 'bed', 1, 55, '1 09:00', NULL, true),
('超住院天数 one more', 'a', '20', 'daycap', 1, NULL, '6 09:30', NULL, true),
('主次手术 both in full', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 both in full', 'a', '2', 'operation2', 1, NULL, '1 09:30', NULL, true),
('主次手术 second at half', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 second at half', 'a', '2', 'operation2', 1, 400, '1 09:30', NULL, true),
('主次手术 two days', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 two days', 'a', '2', 'operation2', 1, NULL, '3 09:30', NULL, true),
('主次手术 two regions', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 two regions', 'a', '2', 'operation3', 1, NULL, '1 09:30', NULL, true),
('限定 for women', 'a', '1', 'women', 1, NULL, '1 09:00', NULL, true),
('限定 for women, a woman', 'a', '1', 'women', 1, NULL, '1 09:00', NULL, true),
('限定 below seven, seven today', 'a', '1', 'children', 1, NULL, '1 09:00', NULL, true),
('限定 below seven, seven tomorrow', 'a', '1', 'children', 1, NULL, '1 09:00', NULL, true),
('限定 level, township', 'a', '1', 'level', 1, NULL, '1 09:00', NULL, true),
('限定 level 13', 'a', '1', 'level', 1, NULL, '1 09:00', NULL, true),
('限定 diagnosis', 'a', '1', 'bones', 1, NULL, '1 09:00', NULL, true),
('限定 second diagnosis', 'a', '1', 'bones', 1, NULL, '1 09:00', NULL, true),
('关联 without its anaesthesia', 'a', '1', 'exvisit.part', 1, NULL, '1 09:00', NULL, true),
('关联 with another anaesthesia', 'a', '1', 'exvisit.part', 1, NULL, '1 09:00', NULL, true),
('关联 with another anaesthesia', 'a', '2', 'exvisit.other', 1, NULL, '1 08:50', NULL, true),
('住院期间外 a day after', 'a', '1', 'daycap', 1, NULL, '7 09:00', NULL, true),
('住院期间外 on the last day', 'a', '1', 'daycap', 1, NULL, '6 23:59', NULL, true),
('重复结算 in two visits', 'a', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true),
('重复结算 in two visits', 'b', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true),
('重复结算 another time', 'a', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true),
('重复结算 another time', 'b', '1', 'weekcap', 1, NULL, '2 09:00', NULL, true),
('重复结算 taken back', 'a', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true),
('重复结算 taken back', 'a', '2', 'weekcap', -1, NULL, '0 11:00', '1', true),
('重复结算 taken back', 'b', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true);
INSERT INTO demo.case_line
SELECT c, 'a', k::text, item, 1, NULL::numeric, k || ' 09:00', NULL, true
FROM (VALUES ('超住院天数 one more', 'daycap', 0, 6), ('超住院天数 as many', 'daycap', 0, 6),
			 ('疗程 sixteen days', 'course', 1, 16), ('疗程 fourteen days, twice on two', 'course', 1, 14)) AS x(c, item, low, high),
	generate_series(low, high) AS k
UNION ALL
SELECT '疗程 fourteen days, twice on two', 'a', (20 + k)::text, 'course', 1, NULL::numeric, k || ' 17:00', NULL, true
FROM generate_series(3, 4) AS k;

-- ------------------------------------------------------------ split charge

INSERT INTO demo.case_ VALUES
('分解收费 all parts', 'package', 'found', 20, 'day', 'three parts for 80 where the package costs 60'),
('分解收费 beside the package', 'package', 'found', 55, 'day', 'the package, and two of its parts once more'),
('分解收费 parts twice', 'package', 'found', 40, 'day', 'each part twice: two packages are allowed for'),
('分解收费 two parts below the price', 'package', 'silent', NULL, 'day', 'two parts cost less than the package'),
('分解收费 one part three times', 'package', 'silent', NULL, 'day', 'one part charged three times is one part of the set'),
('分解收费 parts on two days', 'package', 'silent', NULL, 'day', 'two parts on one date, the third on the next'),
('分解收费 part refunded', 'package', 'silent', NULL, 'day', 'the third part was taken back'),
('分解收费 package refunded, two parts', 'package', 'silent', NULL, 'day', 'the package was taken back and two parts charged instead'),
('分解收费 parts self-paid', 'package', 'silent', NULL, 'day', 'the third part was not claimed');
INSERT INTO demo.case_line
SELECT c, 'a', sn, item, quantity, NULL, at, refund_of, claimed
FROM (VALUES
('分解收费 all parts', '1', 'part1', 1, '1 09:00', NULL, true),
('分解收费 all parts', '2', 'part2', 1, '1 09:05', NULL, true),
('分解收费 all parts', '3', 'part3', 1, '1 15:00', NULL, true),
('分解收费 beside the package', '1', 'package', 1, '1 09:00', NULL, true),
('分解收费 beside the package', '2', 'part1', 1, '1 09:05', NULL, true),
('分解收费 beside the package', '3', 'part2', 1, '1 09:10', NULL, true),
('分解收费 parts twice', '1', 'part1', 2, '1 09:00', NULL, true),
('分解收费 parts twice', '2', 'part2', 2, '1 09:05', NULL, true),
('分解收费 parts twice', '3', 'part3', 2, '1 15:00', NULL, true),
('分解收费 two parts below the price', '1', 'part1', 1, '1 09:00', NULL, true),
('分解收费 two parts below the price', '2', 'part2', 1, '1 09:05', NULL, true),
('分解收费 one part three times', '1', 'part1', 1, '1 09:00', NULL, true),
('分解收费 one part three times', '2', 'part1', 1, '1 11:00', NULL, true),
('分解收费 one part three times', '3', 'part1', 1, '1 16:00', NULL, true),
('分解收费 parts on two days', '1', 'part1', 1, '1 09:00', NULL, true),
('分解收费 parts on two days', '2', 'part2', 1, '1 09:05', NULL, true),
('分解收费 parts on two days', '3', 'part3', 1, '2 09:00', NULL, true),
('分解收费 part refunded', '1', 'part1', 1, '1 09:00', NULL, true),
('分解收费 part refunded', '2', 'part2', 1, '1 09:05', NULL, true),
('分解收费 part refunded', '3', 'part3', 1, '1 09:10', NULL, true),
('分解收费 part refunded', '4', 'part3', -1, '2 09:10', '3', true),
('分解收费 package refunded, two parts', '1', 'package', 1, '1 09:00', NULL, true),
('分解收费 package refunded, two parts', '2', 'package', -1, '1 09:30', '1', true),
('分解收费 package refunded, two parts', '3', 'part1', 1, '1 09:35', NULL, true),
('分解收费 package refunded, two parts', '4', 'part2', 1, '1 09:40', NULL, true),
('分解收费 parts self-paid', '1', 'part1', 1, '1 09:00', NULL, true),
('分解收费 parts self-paid', '2', 'part2', 1, '1 09:05', NULL, true),
('分解收费 parts self-paid', '3', 'part3', 1, '1 09:10', NULL, false)
) AS l(c, sn, item, quantity, at, refund_of, claimed);

-- ------------------------------------------------------------------- stays

INSERT INTO demo.case_ VALUES
('分解住院 eight days', 'split', 'found', NULL, 'day', 'readmitted after eight days, the same three-digit category (J18.900, J18.000)'),
('分解住院 15 days by date', 'split', 'found', NULL, 'day', 'fifteen dates later, though 15 days and 9 hours by the clock'),
('分解住院 16 days by date', 'split', 'silent', NULL, 'day', 'sixteen dates later, though 15 days and 10 hours by the clock'),
('分解住院 16:00 and 10:00 the same day', 'split', 'found', NULL, 'day', 'discharge 16:00, readmission 10:00 of that date: dates decide, the gap is 0 whatever the clock says'),
('分解住院 other disease', 'split', 'silent', NULL, 'day', 'another category'),
('分解住院 other hospital', 'split', 'silent', NULL, 'day', 'at another hospital'),
('分解住院 settled in mid-stay', 'split', 'silent', NULL, 'day', 'one stay with two settlements'),
('分解住院 A to C to A, back at once', 'split', 'found', NULL, 'day', 'a stay elsewhere in between does not hide the return after ten days'),
('分解住院 A to C to A', 'split', 'silent', NULL, 'day', 'rotation: each next stay follows within five days, but A again only after 18'),
('分解住院 planned cycles', 'split', 'silent', NULL, 'day', 'chemotherapy every three weeks, and one week early: planned, and tagged so by its diagnosis'),
('分解住院 referred', 'split', 'silent', NULL, 'day', 'back after three days by referral: tagged so'),
('分解住院 chemotherapy beside it', 'split', 'silent', NULL, 'day', 'a tumour, and chemotherapy as the second diagnosis: tagged so by any diagnosis'),
('分解住院 emergency', 'split', 'silent', NULL, 'day', 'back after three days as an emergency: tagged so by the type of visit'),
('分解住院 after an emergency', 'split', 'found', NULL, 'day', 'an emergency first, then back after three days: the later stay decides'),
('分解住院 staged surgery', 'split', 'silent', NULL, 'day', 'a bile duct drained, and its stones removed a week later: a tag that the county added'),
('分解住院 three stays', 'split', 'found', NULL, 'day', 'three stays are two pairs'),
('叠床 two hospitals', 'overlap', 'found', NULL, 'day', 'day 0 to 9 here, 7 to 11 there'),
('叠床 inside', 'overlap', 'found', NULL, 'day', 'one stay inside another'),
('叠床 moved the same day', 'overlap', 'silent', NULL, 'day', 'out at 10:00, in elsewhere at 15:00'),
('叠床 16:00 and 10:00 the same day', 'overlap', 'silent', NULL, 'day', 'discharge 16:00, admission elsewhere 10:00 of that date: no night is shared');
INSERT INTO demo.case_visit VALUES
('分解住院 eight days', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1),
('分解住院 eight days', 'b', 1, 1, 'A', '21', '14 09:00', '20 10:00', 'J18.000', 1),
('分解住院 15 days by date', 'a', 1, 1, 'A', '21', '0 09:00', '6 09:00', 'K80.200', 1),
('分解住院 15 days by date', 'b', 1, 1, 'A', '21', '21 18:00', '25 10:00', 'K80.200', 1),
('分解住院 16 days by date', 'a', 1, 1, 'A', '21', '0 09:00', '6 18:00', 'K80.200', 1),
('分解住院 16 days by date', 'b', 1, 1, 'A', '21', '22 04:00', '26 10:00', 'K80.200', 1),
('分解住院 16:00 and 10:00 the same day', 'a', 1, 1, 'A', '21', '0 09:00', '6 16:00', 'I63.900', 1),
('分解住院 16:00 and 10:00 the same day', 'b', 1, 1, 'A', '21', '6 10:00', '12 10:00', 'I63.900', 1),
('分解住院 other disease', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1),
('分解住院 other disease', 'b', 1, 1, 'A', '21', '9 09:00', '15 10:00', 'K35.800', 1),
('分解住院 other hospital', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1),
('分解住院 other hospital', 'b', 1, 1, 'B', '21', '9 09:00', '15 10:00', 'J18.900', 1),
('分解住院 settled in mid-stay', 'a', 1, 1, 'A', '21', '0 09:00', '28 10:00', 'I63.900', 2),
('分解住院 A to C to A, back at once', 'a', 1, 1, 'A', '21', '0 09:00', '5 10:00', 'I25.103', 1),
('分解住院 A to C to A, back at once', 'b', 1, 1, 'C', '21', '7 09:00', '13 10:00', 'I25.103', 1),
('分解住院 A to C to A, back at once', 'c', 1, 1, 'A', '21', '15 09:00', '20 10:00', 'I25.103', 1),
('分解住院 A to C to A', 'a', 1, 1, 'A', '21', '0 09:00', '5 10:00', 'I25.103', 1),
('分解住院 A to C to A', 'b', 1, 1, 'C', '21', '9 09:00', '18 10:00', 'I25.103', 1),
('分解住院 A to C to A', 'c', 1, 1, 'A', '21', '23 09:00', '27 10:00', 'I25.103', 1),
('分解住院 planned cycles', 'a', 1, 1, 'A', '21', '0 09:00', '4 10:00', 'Z51.102', 1),
('分解住院 planned cycles', 'b', 1, 1, 'A', '21', '18 09:00', '22 10:00', 'Z51.102', 1),
('分解住院 planned cycles', 'c', 1, 1, 'A', '21', '32 09:00', '36 10:00', 'Z51.102', 1),
('分解住院 referred', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'I63.900', 1),
('分解住院 three stays', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'M51.202', 1),
('分解住院 three stays', 'b', 1, 1, 'A', '21', '8 09:00', '14 10:00', 'M51.202', 1),
('分解住院 three stays', 'c', 1, 1, 'A', '21', '20 09:00', '26 10:00', 'M51.202', 1),
('叠床 two hospitals', 'a', 1, 1, 'A', '21', '0 09:00', '9 10:00', 'J18.900', 1),
('叠床 two hospitals', 'b', 1, 1, 'B', '21', '7 09:00', '11 10:00', 'S72.000', 1),
('叠床 inside', 'a', 1, 1, 'A', '21', '0 09:00', '20 10:00', 'I63.900', 1),
('叠床 inside', 'b', 1, 1, 'B', '21', '8 09:00', '10 10:00', 'H25.900', 1),
('叠床 moved the same day', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1),
('叠床 moved the same day', 'b', 1, 1, 'B', '21', '6 15:00', '14 10:00', 'I25.103', 1),
('叠床 16:00 and 10:00 the same day', 'a', 1, 1, 'A', '21', '0 09:00', '6 16:00', 'J18.900', 1),
('叠床 16:00 and 10:00 the same day', 'b', 1, 1, 'B', '21', '6 10:00', '14 10:00', 'I25.103', 1);

INSERT INTO demo.case_ VALUES
('同进同出 four of a home', 'household', 'found', NULL, 'day', 'four of one home, in within a day and out within a day'),
('同进同出 twice', 'household', 'found', NULL, 'day', 'two of one home, together, and again two months later'),
('同进同出 once', 'household', 'silent', NULL, 'day', 'two of one home, together once'),
('同进同出 out six days apart', 'household', 'silent', NULL, 'day', 'twice in together, out six days apart'),
('同进同出 mother and newborn', 'household', 'silent', NULL, 'day', 'a mother and father and the child she bore: tagged so'),
('同进同出 one accident', 'household', 'silent', NULL, 'day', 'two of one home, twice injured together: tagged so by the injuries'),
('同进同出 institution', 'household', 'silent', NULL, 'day', 'sixteen people of one address, screened together: an institution, not a home'),
('同进同出 neighbours', 'household', 'silent', NULL, 'day', 'the same dates, but next door'),
('同进同出 two hospitals', 'household', 'silent', NULL, 'day', 'the same dates twice, but two hospitals'),
('同进同出 two days apart', 'household', 'silent', NULL, 'day', 'twice in and out two days apart');
INSERT INTO demo.case_visit
SELECT '同进同出 four of a home', v, who, 1, 'A', '21', begins, ends, diag
FROM (VALUES ('a', 1, '0 09:00', '8 10:00', 'J18.900'), ('b', 2, '0 09:20', '8 10:20', 'K80.200'),
			 ('c', 3, '1 08:30', '8 11:00', 'M51.202'), ('d', 4, '1 17:00', '9 09:30', 'I25.103')) AS x(v, who, begins, ends, diag)
UNION ALL
SELECT '同进同出 twice', v, who, 1, 'A', '21', begins, ends, diag
FROM (VALUES ('a', 1, '0 09:00', '6 10:00', 'J18.900'), ('b', 2, '1 09:00', '6 10:30', 'K80.200'),
			 ('c', 1, '61 09:00', '67 10:00', 'K80.200'), ('d', 2, '61 09:10', '68 10:00', 'J18.900')) AS x(v, who, begins, ends, diag)
UNION ALL
SELECT '同进同出 once', v, who, 1, 'A', '21', '0 09:00', '6 10:00', diag
FROM (VALUES ('a', 1, 'J18.900'), ('b', 2, 'K80.200')) AS x(v, who, diag)
UNION ALL
SELECT '同进同出 out six days apart', v, who, 1, 'A', '21', '0 09:00', ends, 'J18.900'
FROM (VALUES ('a', 1, '6 10:00'), ('b', 2, '12 10:00')) AS x(v, who, ends)
UNION ALL
SELECT '同进同出 neighbours', v, who, who, 'A', '21', '0 09:00', '6 10:00', 'J18.900'
FROM (VALUES ('a', 1), ('b', 2), ('c', 3)) AS x(v, who)
UNION ALL
SELECT '同进同出 two hospitals', v, who, 1, hospital, '21', '0 09:00', '6 10:00', 'J18.900'
FROM (VALUES ('a', 1, 'A'), ('b', 2, 'B')) AS x(v, who, hospital)
UNION ALL
SELECT '同进同出 two days apart', v, who, 1, 'A', '21', begins, ends, 'J18.900'
FROM (VALUES ('a', 1, '0 09:00', '6 10:00'), ('b', 2, '2 09:00', '8 10:00')) AS x(v, who, begins, ends)
UNION ALL
SELECT '同进同出 institution', chr(96 + who), who, 1, 'A', '21', '0 09:00', '3 10:00', 'I10.x00x002'
FROM generate_series(1, 16) AS who;
INSERT INTO demo.case_visit
SELECT c, v, 1, 1, 'A', med_type, begins, ends, diag
FROM (VALUES ('a', '0 09:00', '6 10:00'), ('b', '9 09:00', '15 10:00')) AS x(v, begins, ends),
	LATERAL (VALUES ('分解住院 chemotherapy beside it', '21', 'C34.900,Z51.102'),
		('分解住院 emergency', CASE v WHEN 'b' THEN '24' ELSE '21' END, 'I25.103'),
		('分解住院 after an emergency', CASE v WHEN 'a' THEN '24' ELSE '21' END, 'I25.103'),
		('分解住院 staged surgery', '21', 'K80.500')) AS c(c, med_type, diag)
UNION ALL
SELECT '同进同出 one accident', v, who, 1, 'A', '21', '0 09:00', '6 10:00', 'S72.000'
FROM (VALUES ('a', 1), ('b', 2)) AS x(v, who);
INSERT INTO demo.case_visit VALUES
('分解住院 referred', 'b', 1, 1, 'A', '21', '9 09:00', '15 10:00', 'I63.900', 1, 'referred'),
('同进同出 mother and newborn', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('同进同出 mother and newborn', 'b', 2, 1, 'A', '21', '0 15:00', '4 10:00', 'Z38.000', 1, 'newborn'),
('同进同出 mother and newborn', 'c', 3, 1, 'A', '21', '0 16:00', '4 09:00', 'J18.900', 1, 'male');
-- What two did once is no case in any event: those who must not be found did it twice.
INSERT INTO demo.case_visit (case_id, v, who, home, hospital, med_type, begins, ends, diag_code)
SELECT case_id, chr(ascii(v) + 2), who, home, hospital, med_type,
	split_part(begins, ' ', 1)::int + 61 || ' ' || split_part(begins, ' ', 2),
	split_part(ends, ' ', 1)::int + 61 || ' ' || split_part(ends, ' ', 2), diag_code
FROM demo.case_visit
WHERE case_id IN ('同进同出 out six days apart', '同进同出 one accident', '同进同出 two hospitals', '同进同出 two days apart');

INSERT INTO demo.case_ VALUES
('挂床 seen elsewhere', 'events', 'found', NULL, 'day', 'an outpatient of another hospital on the fourth day of a stay'),
('挂床 on the day of admission', 'events', 'silent', NULL, 'day', 'seen elsewhere in the morning, admitted that day'),
('挂床 at a pharmacy', 'events', 'silent', NULL, 'day', 'drugs collected on the fourth day, by a relative for all one knows: tagged so by the type of visit'),
('挂床 by referral', 'events', 'silent', NULL, 'day', 'an examination elsewhere by referral: tagged so'),
('挂床 elsewhere, taken back', 'events', 'silent', NULL, 'day', 'registered elsewhere in error, its charge taken back: tagged so by its total'),
('挂床 an emergency over midnight', 'events', 'found', NULL, 'day', 'seen at another hospital from 23:00 to 1:00'),
('挂床 drugs alone', 'events', 'silent', NULL, 'day', 'nothing but a drug at another hospital, by a relative for all one knows: tagged so by what was charged'),
('住院转门诊 examined', 'ownclinic', 'found', NULL, 'day', 'a CT as an outpatient of the hospital in which the person lies'),
('住院转门诊 drugs alone', 'ownclinic', 'silent', NULL, 'day', 'nothing but a drug there: tagged so by what was charged'),
('住院转门诊 on the day of admission', 'ownclinic', 'silent', NULL, 'day', 'the CT before the admission of that day'),
('频繁住院 four in a year', 'frequent', 'found', NULL, 'day', 'four stays in four months, at two hospitals'),
('频繁住院 three in a year', 'frequent', 'silent', NULL, 'day', 'three stays'),
('频繁住院 dialysis', 'frequent', 'silent', NULL, 'day', 'four stays of a person in dialysis: tagged so by the diagnosis'),
('结伴住院 four times', 'companions', 'found', NULL, 'day', 'two of two homes, in and out together four times, at two hospitals: chance does not do that even in a small county'),
('结伴住院 twice', 'companions', 'silent', NULL, 'day', 'twice: among so many people that is chance'),
('结伴住院 out two days apart', 'companions', 'silent', NULL, 'day', 'in together three times, out two days apart'),
('结伴住院 chemotherapy', 'companions', 'silent', NULL, 'day', 'two who meet at their chemotherapy: tagged so by the diagnosis'),
('集中入院 twenty-four on a day', 'burst', 'found', NULL, 'day', 'twenty-four people admitted on one day to a township hospital that has one a day and four on a busy one'),
('集中入院 one a day', 'burst', 'silent', NULL, 'day', 'the same twenty-four, one a day');
INSERT INTO demo.case_visit VALUES
('挂床 seen elsewhere', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('挂床 seen elsewhere', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1),
('挂床 on the day of admission', 'a', 1, 1, 'A', '21', '0 14:00', '8 10:00', 'I63.900', 1),
('挂床 on the day of admission', 'b', 1, 1, 'B', '11', '0 10:00', '0 11:00', 'J00.x00', 1),
('挂床 at a pharmacy', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('挂床 at a pharmacy', 'b', 1, 1, 'B', '41', '3 10:00', '3 11:00', 'J00.x00', 1),
('挂床 elsewhere, taken back', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('挂床 elsewhere, taken back', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1),
('挂床 by referral', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1);
INSERT INTO demo.case_visit VALUES
('挂床 an emergency over midnight', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('挂床 an emergency over midnight', 'b', 1, 1, 'B', '13', '3 23:00', '4 01:00', 'J00.x00', 1),
('挂床 drugs alone', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('挂床 drugs alone', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1),
('住院转门诊 examined', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('住院转门诊 examined', 'b', 1, 1, 'A', '11', '3 10:00', '3 11:00', 'J00.x00', 1),
('住院转门诊 drugs alone', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1),
('住院转门诊 drugs alone', 'b', 1, 1, 'A', '11', '3 10:00', '3 11:00', 'J00.x00', 1),
('住院转门诊 on the day of admission', 'a', 1, 1, 'A', '21', '0 14:00', '8 10:00', 'I63.900', 1),
('住院转门诊 on the day of admission', 'b', 1, 1, 'A', '11', '0 10:00', '0 11:00', 'J00.x00', 1);
INSERT INTO demo.case_line VALUES
('挂床 an emergency over midnight', 'b', '1', 'twin', 1, NULL, '3 23:20', NULL, true),
('挂床 drugs alone', 'b', '1', 'water', 1, NULL, '3 10:20', NULL, true),
('住院转门诊 examined', 'b', '1', 'twin', 1, NULL, '3 10:20', NULL, true),
('住院转门诊 drugs alone', 'b', '1', 'water', 1, NULL, '3 10:20', NULL, true),
('住院转门诊 on the day of admission', 'b', '1', 'twin', 1, NULL, '0 10:20', NULL, true);
INSERT INTO demo.case_visit VALUES
('挂床 by referral', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1, 'referred');
INSERT INTO demo.case_line
SELECT c, 'b', '1', 'twin', 1, NULL, CASE c WHEN '挂床 on the day of admission' THEN '0 10:20' ELSE '3 10:20' END, NULL, true
FROM unnest('{挂床 seen elsewhere,挂床 on the day of admission,挂床 at a pharmacy,挂床 by referral,"挂床 elsewhere, taken back"}'::text[]) AS c
UNION ALL VALUES ('挂床 elsewhere, taken back', 'b', '2', 'twin', -1, NULL::numeric, '3 10:30', '1', true);
INSERT INTO demo.case_visit
SELECT c, chr(97 + k), 1, 1, CASE k % 2 WHEN 0 THEN 'A' ELSE 'B' END, '21', format('%s 09:00', 30 * k), format('%s 10:00', 30 * k + 4 + k), diag, 1
FROM (VALUES ('频繁住院 four in a year', 4, 'I25.103'), ('频繁住院 three in a year', 3, 'I25.103'), ('频繁住院 dialysis', 4, 'N18.500')) AS t(c, stays, diag),
	generate_series(0, stays - 1) AS k;
INSERT INTO demo.case_visit
SELECT c, chr(97 + 4 * (who - 1) + k), who, who, CASE k % 2 WHEN 0 THEN 'A' ELSE 'B' END, '21', format('%s 09:00', 35 * k),
	format('%s 10:00', 35 * k + 6 + k + CASE who WHEN 2 THEN later ELSE 0 END), diag, 1
FROM (VALUES ('结伴住院 four times', 4, 1, 'K80.200'), ('结伴住院 twice', 2, 1, 'K80.200'), ('结伴住院 out two days apart', 3, 2, 'K80.200'), ('结伴住院 chemotherapy', 3, 0, 'Z51.102')) AS t(c, stays, later, diag),
	generate_series(1, 2) AS who, generate_series(0, stays - 1) AS k;
-- One stay long before, so that eight weeks are known.
INSERT INTO demo.case_visit
SELECT c, chr(97 + who), who, who, 'E', '21', format('%s 09:00', CASE WHEN who = 0 THEN 0 WHEN each THEN 99 + who ELSE 60 END),
	format('%s 10:00', CASE WHEN who = 0 THEN 5 WHEN each THEN 103 + who ELSE 62 + who % 14 END), 'M51.202', 1
FROM (VALUES ('集中入院 twenty-four on a day', false), ('集中入院 one a day', true)) AS t(c, each), generate_series(0, 24) AS who;

INSERT INTO demo.case_ VALUES
('挂床 three days of bed only', 'hangbed', 'found', NULL, 'day', 'three days in a row, in the midst of a stay, with the bed and nothing else'),
('挂床 two days of bed only', 'hangbed', 'silent', NULL, 'day', 'two days of seven'),
('挂床 from the day of admission', 'hangbed', 'silent', NULL, 'day', 'bed only on three days in a row, but the first is the day of admission'),
('挂床 rehabilitation', 'hangbed', 'silent', NULL, 'day', 'four days of bed only: rehabilitation is billed by the week, and tagged so by its diagnosis');
INSERT INTO demo.case_visit VALUES
('挂床 three days of bed only', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, 'bed only from 3 to 5'),
('挂床 two days of bed only', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, 'bed only from 3 to 4'),
('挂床 from the day of admission', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, 'bed only from 0 to 2'),
('挂床 rehabilitation', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'Z50.100', 1, 'bed only from 3 to 6');

INSERT INTO demo.case_ VALUES
('低标准入院 examinations only', 'lowstandard', 'found', NULL, 'day', 'gastritis, two nights, a CT and a bottle of salt water'),
('低标准入院 below 80 %', 'lowstandard', 'silent', NULL, 'day', 'the same with a bed: the CT is not 80 % of it'),
('低标准入院 treated', 'lowstandard', 'silent', NULL, 'day', 'the same with an injection'),
('低标准入院 aged 82', 'lowstandard', 'silent', NULL, 'day', 'the same at 82 years'),
('低标准入院 four nights', 'lowstandard', 'silent', NULL, 'day', 'the same in four nights'),
('低标准入院 severe beside it', 'lowstandard', 'silent', NULL, 'day', 'the same with a failure of the lungs as the second diagnosis: tagged so by it');
INSERT INTO demo.case_visit VALUES
('低标准入院 examinations only', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 below 80 %', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 treated', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 aged 82', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 82 on day 0'),
('低标准入院 four nights', 'a', 1, 1, 'A', '21', '0 09:00', '4 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 severe beside it', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500,J96.000', 1, 'age 44 on day 0');
INSERT INTO demo.case_line
SELECT case_id, v, '1', 'twin', 1, NULL::numeric, '1 09:00', NULL, true
FROM demo.case_visit WHERE case_id LIKE '低标准入院%'
UNION ALL VALUES
('低标准入院 below 80 %', 'a', '2', 'bed', 1, NULL::numeric, '1 10:00', NULL, true),
('低标准入院 treated', 'a', '2', 'filler', 1, NULL, '1 10:00', NULL, true);

-- Houses of eight beds.  Amounts: what the fund pays is 0.72 of the scope, and
-- the salt water of three days comes to 19.20 and 57.60 more for each letter.
INSERT INTO demo.case_ VALUES
('超床位 ten in eight beds', 'capacity', 'found', NULL, 'day', 'ten people in a house of eight beds, four nights'),
('超床位 eight leave and eight come', 'capacity', 'silent', NULL, 'day', 'sixteen people on one date, but never more than eight at midnight'),
('金额接近 twelve of twenty', 'similar', 'found', NULL, 'month', 'twelve of twenty stays of a month for which the fund paid 2,995 to 3,011 yuan'),
('金额接近 five of twenty', 'similar', 'silent', NULL, 'month', 'five of twenty: below 30 %'),
('金额接近 chemotherapy', 'similar', 'silent', NULL, 'month', 'twelve of twenty, but these are planned cycles of one kind: tagged so');
INSERT INTO demo.case_visit
SELECT '超床位 ten in eight beds', chr(96 + who), who, who, 'G', '21', '0 09:00', '4 10:00', 'M51.202'
FROM generate_series(1, 10) AS who
UNION ALL
SELECT '超床位 eight leave and eight come', chr(96 + who), who, who, 'I', '21',
	CASE WHEN who <= 8 THEN '0 09:00' ELSE '4 09:00' END, CASE WHEN who <= 8 THEN '4 10:00' ELSE '8 10:00' END, 'M51.202'
FROM generate_series(1, 16) AS who
UNION ALL
SELECT c, chr(97 + j), 1 + j, 1 + j, hospital, '21', format('%s 09:00', 1 + j), format('%s 10:00', 4 + j),
	CASE WHEN j < alike THEN diag ELSE 'K80.200' END
FROM (VALUES ('金额接近 twelve of twenty', 'J', 12, 'J18.900'), ('金额接近 five of twenty', 'K', 5, 'J18.900'),
			 ('金额接近 chemotherapy', 'L', 12, 'Z51.102')) AS t(c, hospital, alike, diag), generate_series(0, 19) AS j;
INSERT INTO demo.case_line
SELECT c, chr(97 + j), '1', 'implant', 1, CASE WHEN j < alike THEN 4160 + 2 * j ELSE round(1500 * 1.17 ^ (j - 5), 2) END - 19.2 - 57.6 * j,
	format('%s 11:00', 2 + j), NULL, true
FROM (VALUES ('金额接近 twelve of twenty', 12), ('金额接近 five of twenty', 5), ('金额接近 chemotherapy', 12)) AS t(c, alike),
	generate_series(0, 19) AS j;

-- ------------------------------------------------------- who somebody is

INSERT INTO demo.case_ VALUES
('身份证号 wrong check character', 'idinvalid', 'found', NULL, 'day', 'a number that cannot exist'),
('身份证号 fifteen digits', 'idinvalid', 'silent', NULL, 'day', 'the number as it was before 1999'),
('身份证号 full width', 'idinvalid', 'silent', NULL, 'day', 'the right number, in full-width characters and with blanks'),
('身份证号 masked', 'idinvalid', 'silent', NULL, 'day', 'the date of birth is masked: unknown is never a finding'),
('身份不一致 sex', 'idmismatch', 'found', NULL, 'day', 'the record says another sex than the number'),
('身份不一致 a day', 'idmismatch', 'found', NULL, 'day', 'the record says another birth date than the number'),
('身份不一致 child on the number of its mother', 'idmismatch', 'silent', NULL, 'day', 'a child of 19 days, between two visits of its mother: neither a mismatch nor a double'),
('身份重复 side by side', 'idshared', 'found', NULL, 'day', 'one number of two persons, one treated between two visits of the other'),
('身份重复 one after the other', 'idshared', 'silent', NULL, 'day', 'who moves has a second number of a person, once the first is no longer used'),
('死亡后 two days later', 'death', 'found', NULL, 'day', 'two charges of a stay after the day of death; that of the next day is given'),
('死亡后 a month later', 'death', 'found', NULL, 'day', 'an outpatient a month after death'),
('死亡后 the day after', 'death', 'silent', NULL, 'day', 'charges to the day after death, settled two days later'),
('死亡后 taken back', 'death', 'silent', NULL, 'day', 'charged two days after death, and taken back'),
('死亡后 self-paid', 'death', 'silent', NULL, 'day', 'the fund was not asked to pay what was charged two days after');
INSERT INTO demo.case_visit VALUES
('身份不一致 child on the number of its mother', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, 'female'),
('身份不一致 child on the number of its mother', 'b', 2, 1, 'B', '21', '20 09:00', '24 10:00', 'J18.900', 1, 'age 0 on day 1'),
('身份不一致 child on the number of its mother', 'c', 1, 1, 'A', '11', '30 09:00', '30 10:00', 'K29.500', 1, 'female'),
('身份重复 side by side', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, NULL),
('身份重复 side by side', 'b', 2, 2, 'B', '11', '20 09:00', '20 10:00', 'K29.500', 1, NULL),
('身份重复 side by side', 'c', 1, 1, 'A', '11', '40 09:00', '40 10:00', 'K29.500', 1, NULL),
('身份重复 one after the other', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, NULL),
('身份重复 one after the other', 'b', 2, 2, 'B', '11', '20 09:00', '20 10:00', 'K29.500', 1, NULL),
('身份重复 one after the other', 'c', 2, 2, 'B', '11', '40 09:00', '40 10:00', 'K29.500', 1, NULL),
('死亡后 a month later', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, NULL),
('死亡后 a month later', 'b', 1, 1, 'B', '11', '30 09:00', '30 10:00', 'K29.500', 1, NULL);
-- An outpatient charges something; else there is nothing to settle.
INSERT INTO demo.case_line
SELECT case_id, v, '1', 'twin', 1, NULL, split_part(begins, ' ', 1) || ' 09:20', NULL, true
FROM demo.case_visit WHERE case_id ~ '^(身份不一致 child|身份重复|死亡后)' AND med_type = '11';
INSERT INTO demo.case_line VALUES
('死亡后 two days later', 'a', '1', 'twin', 1, NULL, '6 08:00', NULL, true),
('死亡后 taken back', 'a', '1', 'twin', 1, NULL, '6 08:00', NULL, true),
('死亡后 taken back', 'a', '2', 'twin', -1, NULL, '6 09:00', '1', true),
('死亡后 self-paid', 'a', '1', 'twin', 1, NULL, '6 08:00', NULL, false);
INSERT INTO demo.case_person VALUES
('身份证号 wrong check character', 1, 'wrong check character', NULL), ('身份证号 fifteen digits', 1, 'fifteen digits', NULL),
('身份证号 full width', 1, 'full width', NULL), ('身份证号 masked', 1, 'masked', NULL),
('身份不一致 sex', 1, 'other sex', NULL), ('身份不一致 a day', 1, 'born a day later', NULL),
('身份不一致 child on the number of its mother', 2, 'number of 1', NULL),
('身份重复 side by side', 2, 'person 1 again', NULL), ('身份重复 one after the other', 2, 'person 1 again', NULL),
('死亡后 two days later', 1, 'dies', 3), ('死亡后 a month later', 1, 'dies', 2), ('死亡后 the day after', 1, 'dies', 4),
('死亡后 taken back', 1, 'dies', 4), ('死亡后 self-paid', 1, 'dies', 4);

-- ------------------------------------------- what the national files find
-- Judged only where these are imported: no starter rule knows these items.

INSERT INTO demo.case_ VALUES
('国家库 同日', 'national7', 'found', 16, 'day', 'emergency care contains the emergency consultation, on one date'),
('国家库 次日', 'national7', 'silent', NULL, 'day', 'on the next date'),
('国家库 6小时', 'national7', 'found', 30, 'day', 'a delivery contains the monitoring exactly six hours before'),
('国家库 6小时01分', 'national7', 'silent', NULL, 'day', 'one minute outside'),
('国家库 每日一次', 'national8', 'found', 30, 'day', 'twice a day where the day has one'),
('国家库 两日各一次', 'national8', 'silent', NULL, 'day', 'once on each of two dates'),
('国家库 26小时', 'national8', 'found', 4, 'day', '26 hours in a day, at 2 yuan'),
('国家库 24小时', 'national8', 'silent', NULL, 'day', '24 hours in a day'),
('国家库 13天', 'national8period', 'found', 45, 'day', 'again after 13 days'),
('国家库 14天早一小时', 'national8period', 'silent', NULL, 'day', 'again after 14 days, an hour earlier');
INSERT INTO demo.case_visit VALUES
('国家库 6小时', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('国家库 6小时01分', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('国家库 13天', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'H81.900', 1, NULL),
('国家库 13天', 'b', 1, 1, 'B', '11', '13 09:50', '13 11:00', 'H81.900', 1, NULL),
('国家库 14天早一小时', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'H81.900', 1, NULL),
('国家库 14天早一小时', 'b', 1, 1, 'A', '11', '14 08:50', '14 10:00', 'H81.900', 1, NULL);
INSERT INTO demo.case_line VALUES
('国家库 同日', 'a', '1', 'emergency.whole', 1, NULL, '1 09:00', NULL, true),
('国家库 同日', 'a', '2', 'emergency.part', 1, NULL, '1 20:30', NULL, true),
('国家库 次日', 'a', '1', 'emergency.whole', 1, NULL, '1 09:00', NULL, true),
('国家库 次日', 'a', '2', 'emergency.part', 1, NULL, '2 08:30', NULL, true),
('国家库 6小时', 'a', '1', 'women', 1, NULL, '1 05:00', NULL, true),
('国家库 6小时', 'a', '2', 'delivery', 1, NULL, '1 11:00', NULL, true),
('国家库 6小时01分', 'a', '1', 'women', 1, NULL, '1 04:59', NULL, true),
('国家库 6小时01分', 'a', '2', 'delivery', 1, NULL, '1 11:00', NULL, true),
('国家库 每日一次', 'a', '1', 'sputum', 1, NULL, '1 09:00', NULL, true),
('国家库 每日一次', 'a', '2', 'sputum', 1, NULL, '1 16:00', NULL, true),
('国家库 两日各一次', 'a', '1', 'sputum', 1, NULL, '1 16:00', NULL, true),
('国家库 两日各一次', 'a', '2', 'sputum', 1, NULL, '2 09:00', NULL, true),
('国家库 26小时', 'a', '1', 'oximetry', 26, NULL, '1 09:00', NULL, true),
('国家库 24小时', 'a', '1', 'oximetry', 24, NULL, '1 09:00', NULL, true),
('国家库 13天', 'a', '1', 'balance', 1, NULL, '0 10:00', NULL, true),
('国家库 13天', 'b', '1', 'balance', 1, NULL, '13 10:00', NULL, true),
('国家库 14天早一小时', 'a', '1', 'balance', 1, NULL, '0 10:00', NULL, true),
('国家库 14天早一小时', 'b', '1', 'balance', 1, NULL, '14 09:00', NULL, true);

UPDATE demo.case_ SET also = 'frequent' WHERE case_id = '结伴住院 four times';
UPDATE demo.case_ SET times = 2 WHERE case_id = '分解住院 three stays';

-- ---------------------------------------------------------------- planting

INSERT INTO demo.case_visit
SELECT case_id, 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'K80.200', 1
FROM demo.case_ AS c
WHERE NOT EXISTS (SELECT FROM demo.case_visit AS v WHERE v.case_id = c.case_id);

-- Six instances, forty days apart; hospital A is another one each time.
CREATE TABLE demo.instance AS
SELECT case_id, i, number, gross, times, expected, r.rule_code, other.rule_code AS also, note,
	CASE anchor WHEN 'year' THEN '2024-12-30'
		WHEN 'week' THEN date_trunc('week', spread)
		WHEN 'month' THEN date_trunc('month', spread)
		ELSE spread END::date AS begins
FROM (SELECT row_number() OVER (ORDER BY case_id COLLATE "C")::int AS number, * FROM demo.case_) AS c JOIN demo.case_rule AS r USING (rule)
	LEFT JOIN demo.case_rule AS other ON other.rule = c.also,
	generate_series(1, :instances) AS i,
	LATERAL (SELECT '2025-01-08'::timestamp + make_interval(days => 40 * (i - 1) + number * 3 % 28)) AS d(spread);

-- People, on from the last of the county; a home is one of the flats.
CREATE TABLE demo.planted_person AS
SELECT case_id, i, who, row_number() OVER (ORDER BY number, i, who)::int AS n,
	dense_rank() OVER (ORDER BY number, i, home)::int AS home
FROM (SELECT DISTINCT case_id, i, who, home, number
	  FROM demo.instance JOIN demo.case_visit USING (case_id)) AS p;
SELECT max(n) AS last_person FROM demo.person \gset
SELECT max(hh) AS last_home FROM demo.household \gset
UPDATE demo.planted_person SET n = n + :last_person, home = home + :last_home;
INSERT INTO demo.household
SELECT home, 'F' || lpad(home::text, 7, '0'), md5(home::text), count(*), true,
	1 + home / 400 % 12, 1 + home / 40 % 10, 1 + home % 40, 1 + home % 20 + home / 28800 * 20, 1 + home / 20 % 4,
	100 * (1 + home / 80 % 18) + 1 + home / 1440 % 4
FROM demo.planted_person GROUP BY home;
INSERT INTO demo.person
SELECT n, p.home, who, md5('planted' || n),
	CASE min(v.flag) WHEN 'male' THEN 1 WHEN 'female' THEN 2 ELSE 1 + n % 2 END,
	CASE WHEN min(v.flag) = 'newborn' THEN min(i.begins)
		WHEN min(v.flag) = 'female' THEN '1994-05-01'
		WHEN min(v.flag) ~ '^age' THEN (min(i.begins) + substring(min(v.flag), 'day (\d+)')::int
			- make_interval(years => substring(min(v.flag), 'age (\d+)')::int))::date
		ELSE '1958-03-01'::date + n % 7000 END
FROM demo.planted_person AS p JOIN demo.instance AS i USING (case_id, i)
	JOIN demo.case_visit AS v USING (case_id, who)
GROUP BY n, p.home, who;
SELECT demo.register(:last_person + 1, max(n)) AS planted_persons FROM demo.planted_person \gset
UPDATE yb.psn_info_b AS r SET
	certno = CASE record
		WHEN 'wrong check character' THEN left(r.certno, 17) || CASE right(r.certno, 1) WHEN '0' THEN '1' ELSE '0' END
		WHEN 'fifteen digits' THEN left(r.certno, 6) || substr(r.certno, 9, 9)
		WHEN 'full width' THEN ' ' || translate(r.certno, '0123456789X', '０１２３４５６７８９ｘ')
		WHEN 'masked' THEN overlay(r.certno PLACING '********' FROM 7)
		WHEN 'number of 1' THEN one.certno WHEN 'person 1 again' THEN one.certno ELSE r.certno END,
	psn_name = CASE record WHEN 'person 1 again' THEN one.psn_name ELSE r.psn_name END,
	gend = CASE record WHEN 'other sex' THEN (3 - r.gend::int)::text WHEN 'person 1 again' THEN one.gend ELSE r.gend END,
	brdy = CASE record WHEN 'born a day later' THEN r.brdy + 1 WHEN 'person 1 again' THEN one.brdy ELSE r.brdy END,
	die_date = CASE record WHEN 'dies' THEN i.begins + c.day END
FROM demo.case_person AS c JOIN demo.planted_person AS p USING (case_id, who)
	JOIN demo.instance AS i USING (case_id, i)
	JOIN demo.planted_person AS p1 ON p1.case_id = p.case_id AND p1.i = p.i AND p1.who = 1
	JOIN yb.psn_info_b AS one ON one.psn_no = 'R' || lpad(p1.n::text, 8, '0')
WHERE r.psn_no = 'R' || lpad(p.n::text, 8, '0');

INSERT INTO demo.facility
SELECT n, 'H990000' || lpad(n::text, 5, '0'), '清溪康养医院' || n - 130 || '部', '1', '11', 8, 0.8
FROM generate_series(131, 160) AS n;
INSERT INTO yb.fixmedins_b
SELECT code, name, kind, level, beds, '990000' FROM demo.facility WHERE n > 130;

CREATE FUNCTION demo.at(begins date, written text) RETURNS timestamp
	LANGUAGE sql IMMUTABLE
	RETURN begins + split_part(written, ' ', 1)::int + split_part(written, ' ', 2)::time;

CREATE TABLE demo.planted_visit AS
SELECT v.*, p.n, i.i, i.number, i.begins AS day_0,
	'P' || lpad(i.number::text, 4, '0') || i.i || upper(v.v) AS mdtrt_id,
	CASE WHEN hospital = 'T' THEN 1 WHEN hospital = 'E' THEN 9 + i.i WHEN hospital = 'F' THEN 8
		WHEN hospital ~ '[GIJKL]' THEN 130 + 6 * (strpos('GIJKL', hospital) - 1) + i.i
		ELSE 4 + (strpos('ABCD', hospital) - 1 + i.i) % 4 END AS facility,
	split_part(v.diag_code, ',', 1) AS main_code
FROM demo.case_visit AS v JOIN demo.instance AS i USING (case_id)
	JOIN demo.planted_person AS p USING (case_id, i, who);
INSERT INTO yb.mdtrt_d
SELECT mdtrt_id, psn_no, f.code, v.med_type, insutype, demo.at(day_0, v.begins), demo.at(day_0, v.ends),
	mdtrt_id, g.dept, 'D990000' || lpad((f.n * 100 + v.n % 12)::text, 6, '0'),
	CASE v.med_type WHEN '21' THEN g.dept || '病区' END,
	CASE v.med_type WHEN '21' THEN 1 + v.n % 60 || '床' END, main_code,
	CASE v.med_type WHEN '21' THEN '1' END,
	CASE v.flag WHEN 'referred' THEN overlay(mdtrt_id PLACING 'A' FROM length(mdtrt_id)) END,
	CASE v.flag WHEN 'newborn' THEN '1' ELSE '0' END
FROM demo.planted_visit AS v JOIN demo.facility AS f ON f.n = v.facility
	JOIN yb.psn_info_b ON psn_no = 'R' || lpad(v.n::text, 8, '0')
	LEFT JOIN demo.diagnosis AS g ON g.diag_code = v.main_code;
INSERT INTO yb.setl_list_diag_d
SELECT mdtrt_id, k, CASE k WHEN 1 THEN '1' ELSE '0' END, code, diag_name
FROM demo.planted_visit AS v,
	string_to_table(v.diag_code, ',') WITH ORDINALITY AS c(code, k)
	LEFT JOIN demo.diagnosis AS g ON g.diag_code = c.code;

-- The planted lines, and what any visit has besides: a little salt water,
-- every day a little more, so that no two visits look the same; or the bed only.
INSERT INTO yb.fee_list_d
SELECT v.mdtrt_id, l.sn, l.refund_of, demo.at(v.day_0, l.at), t.code,
	coalesce(h.hilist_name, t.code), h.med_chrgitm_type,
	CASE WHEN l.claimed THEN '01' ELSE '03' END, l.quantity, p.price,
	round(l.quantity * p.price, 2), CASE WHEN l.claimed THEN round(l.quantity * p.price, 2) ELSE 0 END,
	m.chfpdr_code, m.adm_dept_name
FROM demo.planted_visit AS v JOIN demo.case_line AS l USING (case_id, v)
	JOIN demo.case_item AS t USING (item)
	JOIN yb.mdtrt_d AS m USING (mdtrt_id)
	LEFT JOIN yb.hilist_b AS h ON h.hilist_code = t.code,
	LATERAL (SELECT CASE item WHEN 'price' THEN t.price + coalesce(l.price, 0)
						WHEN 'amountcap' THEN t.price * coalesce(l.price, 1)
						WHEN 'amountcap.other' THEN t.price * coalesce(l.price, 1)
						ELSE coalesce(l.price, t.price) END AS price) AS p;
INSERT INTO yb.fee_list_d
SELECT v.mdtrt_id, (500 + k)::text, NULL, demo.at(day_0, v.begins)::date + k + time '20:00:00'
		+ make_interval(secs => v.number * 7 + ascii(v.v)),
	h.hilist_code, h.hilist_name, h.med_chrgitm_type, h.chrgitm_lv, q.quantity, h.pric,
	q.quantity * h.pric, q.quantity * h.pric, m.chfpdr_code, m.adm_dept_name
FROM demo.planted_visit AS v JOIN yb.mdtrt_d AS m USING (mdtrt_id)
	CROSS JOIN generate_series(0, greatest(0, split_part(v.ends, ' ', 1)::int - split_part(v.begins, ' ', 1)::int - 1)) AS k
	CROSS JOIN LATERAL (SELECT coalesce(k BETWEEN substring(v.flag, '^bed only from (\d+)')::int
			AND substring(v.flag, '^bed only from \d+ to (\d+)')::int, false) AS bed_only) AS b
	CROSS JOIN LATERAL (SELECT CASE WHEN bed_only THEN 1 ELSE 1 + k % 5 + 6 * (ascii(v.v) - ascii('a')) END AS quantity) AS q
	JOIN yb.hilist_b AS h ON hilist_code = CASE WHEN bed_only THEN '001109000010000' ELSE 'XB05XAL199B002010100009' END
WHERE v.med_type IN ('21', '24', '52') AND split_part(v.ends, ' ', 1) <> split_part(v.begins, ' ', 1);

-- -------------------------------------------------------------- settlement

-- One settlement a visit, two where it was settled in mid-stay.
CREATE TABLE yb.setl_d AS
SELECT mdtrt_id || '-' || part AS setl_id, mdtrt_id, part < parts AS mid_setl_flag,
	CASE WHEN part < parts THEN begntime + (endtime - begntime) / 2 ELSE endtime END AS setl_time,
	round(total / parts, 2) AS medfee_sumamt, round(in_scope / parts, 2) AS inscp_scp_amt,
	round(in_scope * paid / parts, 2) AS fund_pay_sumamt,
	round((total - in_scope * paid) / parts, 2) AS psn_pay
FROM (SELECT m.mdtrt_id, m.begntime, m.endtime, coalesce(max(v.settlements), 1) AS parts,
			 sum(det_item_fee_sumamt) AS total, sum(inscp_scp_amt) AS in_scope,
			 CASE WHEN m.med_type = '21' THEN 0.72 ELSE 0.55 END AS paid
	  FROM yb.mdtrt_d AS m JOIN yb.fee_list_d USING (mdtrt_id)
		LEFT JOIN demo.planted_visit AS v USING (mdtrt_id)
	  GROUP BY m.mdtrt_id, m.begntime, m.endtime, m.med_type) AS s,
	generate_series(1, parts) AS part;
COMMENT ON TABLE yb.setl_d IS '结算信息: several rows of a visit where it was settled in mid-stay';

-- What must come of it: one row an instance.
CREATE TABLE demo.truth AS
SELECT case_id, i AS instance, rule_code, also, expected, gross, times,
	array_agg(DISTINCT 'R' || lpad(v.n::text, 8, '0')) AS persons, array_agg(mdtrt_id ORDER BY mdtrt_id) AS visits, note
FROM demo.instance JOIN demo.planted_visit AS v USING (case_id, i)
GROUP BY case_id, i, rule_code, also, expected, gross, times, note;

ALTER TABLE yb.mdtrt_d ADD PRIMARY KEY (mdtrt_id);
ALTER TABLE yb.fee_list_d ADD PRIMARY KEY (mdtrt_id, feedetl_sn);
ALTER TABLE yb.setl_d ADD PRIMARY KEY (setl_id);
CREATE INDEX ON yb.setl_d (mdtrt_id);
ANALYZE;

SELECT count(*) FILTER (WHERE expected = 'found') AS planted,
	count(*) FILTER (WHERE expected = 'silent') AS near_misses,
	count(DISTINCT case_id) AS cases, count(DISTINCT rule_code) AS rules, :planted_persons AS persons
FROM demo.truth;
